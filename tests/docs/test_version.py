"""The version in two files is the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import rapidsse


def test_version_is_that_of_the_workspace() -> None:
    manifest = Path(__file__).parents[2] / "Cargo.toml"
    if not manifest.exists():
        pytest.skip("Cargo.toml is not here: these tests run from a checkout")
    workspace = tomllib.loads(manifest.read_text())["workspace"]
    assert rapidsse.__version__ == workspace["package"]["version"]
