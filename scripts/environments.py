"""Environments of their own, for libraries that are not installed beside the other tests' ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["environment"]


def environment(folder: Path, requirements: list[str]) -> Path:
    """The Python of the environment in a folder, which is made anew if it has other requirements."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / "installed.txt"
    made = "\n".join([sys.version, *requirements])
    if not stamp.is_file() or stamp.read_text() != made:
        # With the pip that runs: to install one in each environment takes seconds.
        venv = (sys.executable, "-m", "venv", "--clear", "--without-pip", folder)
        subprocess.run(venv, check=True)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
        variables = os.environ | {"PIP_USER": "0"}
        subprocess.run([*pip, "install", "--quiet", *requirements], check=True, env=variables)
        stamp.write_text(made)
    return python
