"""Checks built distributions: their contents, their sizes, and that each works.

    python scripts/check_wheels.py dist --require binary pure sdist

Installs every wheel that fits this interpreter, and the sdist, in a fresh environment and runs
smoke.py there, first without and then with the extras. If both a binary and a pure wheel fit, pip
must choose the binary one. If pyarrow, which the extras need, has no wheel for the platform, it
says so and skips the extras.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

SMOKE = Path(__file__).with_name("smoke.py").resolve()
LIMITS = {"binary": 1_200_000, "pure": 600_000}
LICENCES = ("LICENSE-MIT", "LICENSE-APACHE")
# What is in the package and no module: a build may leave it out.
DATA = ("rapidsse/py.typed", "rapidsse/report/page.html", "rapidsse/report/page.css")


def kind_of(path: Path) -> str:
    if path.name.endswith(".tar.gz"):
        return "sdist"
    return "pure" if path.name.endswith("-py3-none-any.whl") else "binary"


def check_contents(path: Path, kind: str) -> None:
    if kind == "sdist":
        with tarfile.open(path) as archive:
            names = archive.getnames()
        wanted = ["Cargo.lock", "rust/core/src/lib.rs", *DATA, *LICENCES]
    else:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        wanted = ["rapidsse/_rust.pyi", *DATA, *LICENCES]
        size = path.stat().st_size
        assert size <= LIMITS[kind], f"{path.name}: {size} bytes, more than {LIMITS[kind]}"
    compiled = [name for name in names if name.endswith((".so", ".pyd"))]
    assert len(compiled) == (kind == "binary"), f"{path.name} holds {compiled}"
    for want in wanted:
        assert any(name.endswith(want) for name in names), f"{path.name} lacks {want}"


def install_and_run(engine: str, name: str, *arguments: str, extras: bool) -> None:
    """Installs `name` into a fresh environment and runs the smoke test there."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, symlinks=sys.platform != "win32")
        scripts = "Scripts" if sys.platform == "win32" else "bin"
        python = str(Path(folder, scripts, "python"))
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *arguments]
        smoke = [python, "-I", str(SMOKE), engine]
        subprocess.run([*pip, name], check=True, cwd=folder)
        subprocess.run(smoke, check=True, cwd=folder)
        if extras:
            # The same distribution again: pip sees that it is there and adds the rest.
            subprocess.run([*pip, f"{name}[report]"], check=True, cwd=folder)
            subprocess.run([*smoke, "--extras"], check=True, cwd=folder)


def have_pyarrow() -> bool:
    """Whether pyarrow has a wheel for this interpreter and platform."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    done = subprocess.run([*pip, "--no-deps", "--only-binary=:all:", "pyarrow"], check=False)
    if done.returncode:
        print("== no wheel of pyarrow fits: the extras are not tried here", flush=True)
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dist", type=Path)
    parser.add_argument("--require", nargs="*", default=[], choices=["binary", "pure", "sdist"])
    options = parser.parse_args()

    found: dict[str, list[Path]] = {"binary": [], "pure": [], "sdist": []}
    for path in sorted(options.dist.resolve().glob("rapidsse-*")):
        found[kind_of(path)].append(path)
    for kind in options.require:
        assert found[kind], f"no {kind} distribution in {options.dist}"
    paths = [path for kind in found.values() for path in kind]
    versions = {path.name.removesuffix(".tar.gz").split("-")[1] for path in paths}
    assert len(versions) == 1, f"more than one version: {versions}"
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *paths], check=True)

    tags = set(sys_tags())
    fitting: set[str] = set()
    extras = have_pyarrow()
    for kind, paths in found.items():
        for path in paths:
            check_contents(path, kind)
            print(f"== {path.name}: {path.stat().st_size:,} bytes", flush=True)
            if kind != "sdist" and not tags & parse_wheel_filename(path.name)[3]:
                print("fits another interpreter or platform: not run here")
                continue
            fitting.add(kind)
            install_and_run("python" if kind == "pure" else "rust", str(path), extras=extras)
    if {"binary", "pure"} <= fitting:
        print("== what pip prefers", flush=True)
        version = versions.pop()
        links = ("--find-links", str(options.dist.resolve()))
        install_and_run("rust", f"rapidsse=={version}", *links, extras=False)


if __name__ == "__main__":
    main()
