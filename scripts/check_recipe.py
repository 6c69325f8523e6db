"""Checks the conda recipe: `python scripts/check_recipe.py`.

Parses and renders it as rattler-build does, of which the schema is a part, and compares the version
and the requirements with those of the package.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from rattler_build import RattlerBuildError, Stage0Recipe, VariantConfig

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / "conda" / "recipe.yaml"
# What conda-forge has for the names of compilers.
VARIANTS = {
    "python": ["3.11.* *_cpython"],
    "rust_compiler": ["rust"],
    "c_compiler": ["gcc"],
    "c_stdlib": ["sysroot"],
}


def wrong() -> list[str]:
    """What is wrong with the recipe."""
    try:
        (variant,) = Stage0Recipe.from_file(RECIPE).render(VariantConfig(VARIANTS))
    except RattlerBuildError as error:
        return [str(error)]
    recipe = variant.recipe.to_dict()
    requirements = recipe["requirements"]
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    extras = package["project"]["optional-dependencies"]
    pairs = {
        "version": (recipe["package"]["version"], cargo["workspace"]["package"]["version"]),
        "host": (requirements["host"][2:], package["build-system"]["requires"]),
        "run": (requirements["run"][1:], package["project"]["dependencies"]),
        "run_constraints": (requirements["run_constraints"], extras["cli"] + extras["batch"][:1]),
    }
    return [
        f"{name} is {ours}, and {theirs} in the package"
        for name, (ours, theirs) in pairs.items()
        if plain(ours) != plain(theirs)
    ]


def plain(value: str | list[str]) -> str:
    """Without the space that conda has before a condition."""
    return re.sub(r"\s", "", str(value))


if __name__ == "__main__":
    sys.exit("\n".join(f"conda/recipe.yaml: {each}" for each in wrong()) or None)
