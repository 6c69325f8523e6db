"""Writes `rapidsse.openai`, `anthropic` and `google` from the models of the installed SDKs.

    python scripts/generate_structs.py             # write the files of all
    python scripts/generate_structs.py openai      # of one
    python scripts/generate_structs.py --check     # exit status 1 if they differ from what it would write

`sdk_openai.py`, `sdk_anthropic.py` and `sdk_google.py` list what to read, `sdk_models.py` reads the models and
converts their types, `struct_printer.py` prints Python.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from sdk_models import read
from struct_printer import Printer

PACKAGE = Path(__file__).parent.parent / "python" / "rapidsse"
SDKS = ("openai", "anthropic", "google")


def generate(name: str, *, check: bool) -> bool:
    """Writes the package of one SDK unless `check`. Returns whether it was up to date."""
    sdk = import_module(f"sdk_{name}").SDK
    files = Printer(sdk, read(sdk)).files
    folder = PACKAGE / name
    present = {path.name: path for path in folder.glob("*.py")}
    stale = [file for file in sorted(present) if file not in files]
    changed = [
        file
        for file, text in files.items()
        if file not in present or present[file].read_text("utf-8") != text
    ]
    for file in [*changed, *stale]:
        print(f"{folder / file}: {'out of date' if file in changed else 'not generated any more'}")
    if not check:
        folder.mkdir(exist_ok=True)
        for file in changed:
            (folder / file).write_text(files[file], "utf-8", newline="\n")
        for file in stale:
            present[file].unlink()
    return not (changed or stale)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the Structs from the installed SDKs.")
    parser.add_argument("sdk", nargs="*", help=f"one of {', '.join(SDKS)} (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing, report differences")
    options = parser.parse_args()
    if unknown := set(options.sdk) - set(SDKS):
        parser.error(f"no such SDK: {', '.join(sorted(unknown))}")
    current = [generate(name, check=options.check) for name in options.sdk or SDKS]
    return 0 if all(current) or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
