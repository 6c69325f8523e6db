"""A library's newest version, its source distribution, and an environment to test it in."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import environments

from .suite import Suite

__all__ = ["NoTests", "environment", "newest_version", "unpacked"]

_ROOT = Path(__file__).resolve().parents[2]
_CACHE = _ROOT / "build" / "peers"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


class NoTests(Exception):
    """The library's newest version comes without its tests; the text says how."""


def newest_version(library: str) -> str:
    """The version that pip would install."""
    plan = ("install", "--quiet", "--dry-run", "--no-deps", "--ignore-installed", "--report", "-")
    answer = subprocess.run([*_PIP, *plan, library], check=True, stdout=subprocess.PIPE).stdout
    version: str = json.loads(answer)["install"][0]["metadata"]["version"]
    return version


def unpacked(library: str, version: str) -> Path:
    """The folder of the source distribution. Raises `NoTests` if there is nothing to run in it."""
    folder = _CACHE / f"{library}-{version}" / "source"
    if not folder.is_dir():
        archive = _download(library, f"=={version}")
        if archive is None:
            other = _download(library, "")
            text = f"{version} has no source distribution on PyPI"
            if other is not None:
                has = "has tests, of other code" if _has_tests(other) else "has no tests either"
                text += f"; the newest one, {other.name}, {has}"
            raise NoTests(text)
        _unpack(archive, folder)
    if not (folder / "tests").is_dir():
        raise NoTests(f"the source distribution of {version} has no tests")
    return folder


def _download(library: str, pin: str) -> Path | None:
    """The source distribution of a version, `None` if there is none."""
    folder = _CACHE / "sdists" / f"{library}{pin}"
    if not (found := list(folder.glob("*.tar.gz"))):
        download = ("download", "--quiet", "--no-deps", "--no-binary", library, "--dest")
        command: list[str | Path] = [*_PIP, *download, folder, f"{library}{pin}"]
        run = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
        if run.returncode and "No matching distribution found" in run.stderr:
            return None
        if "metadata-generation-failed" in run.stderr:
            # pip builds what it downloads, for which this one needs other tools.
            _fetch(library, pin.removeprefix("=="), folder)
        elif run.returncode:
            raise SystemExit(f"pip could not download {library}{pin}:\n{run.stderr}")
        found = list(folder.glob("*.tar.gz"))
    return found[0]


def _fetch(library: str, version: str, folder: Path) -> None:
    """Downloads the source distribution without pip."""
    accepted = {"Accept": "application/vnd.pypi.simple.v1+json"}
    page = urllib.request.Request(f"https://pypi.org/simple/{library}/", headers=accepted)
    with urllib.request.urlopen(page, timeout=60) as answer:
        files: list[dict[str, Any]] = json.load(answer)["files"]
    (file,) = (each for each in files if each["filename"].endswith(f"-{version}.tar.gz"))
    with urllib.request.urlopen(file["url"], timeout=600) as answer:
        data: bytes = answer.read()
    if hashlib.sha256(data).hexdigest() != file["hashes"]["sha256"]:
        raise SystemExit(f"{file['url']} does not have the SHA-256 that PyPI states for it")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file["filename"]).write_bytes(data)


def _has_tests(archive: Path) -> bool:
    with tarfile.open(archive) as tar:
        return any(re.fullmatch(r"[^/]+/tests?(/.*)?", name) for name in tar.getnames())


def _unpack(archive: Path, folder: Path) -> None:
    # Moved into place when it is whole, as a folder that is there is taken for complete.
    scratch = folder.with_name("unpacking")
    shutil.rmtree(scratch, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(scratch, filter="data")
    (top,) = scratch.iterdir()
    top.rename(folder)
    scratch.rmdir()


def environment(suite: Suite, version: str) -> Path:
    """The Python of an environment with this version and what its tests need."""
    metadata = tomllib.loads((_ROOT / "pyproject.toml").read_text())
    extras = f"[{','.join(suite.extras)}]" if suite.extras else ""
    wanted = [
        f"{suite.library}{extras}=={version}",
        *suite.requirements,
        *metadata["project"]["dependencies"],
        "pytest",
        "pytest-asyncio",
    ]
    return environments.environment(_CACHE / f"{suite.library}-{version}" / "venv", wanted)
