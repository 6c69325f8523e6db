"""What the events of an API mean stands in one table, which both engines have."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rapidsse import _api_items, _apis

ROOT = Path(__file__).parents[2]
CORE = ROOT / "rust" / "core" / "src"
BINDING = ROOT / "rust" / "python" / "src"
PACKAGE = ROOT / "python" / "rapidsse"

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not CORE.exists(), reason="the sources are not here"),
]


def test_the_compiled_engine_has_the_same_table() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "generate_apis.py"), "--check"]
    subprocess.run(command, check=True)


def names() -> list[str]:
    """Words of the table that are no words of anything else."""
    found = {*_apis.PREFIXES, *_apis.CHUNKS, *_apis.BEGINS, *_apis.ENDS, *_apis.TEXT_DELTAS}
    found |= {*_apis.FINAL_TEXTS, *_apis.PARTIAL_IMAGES, *_apis.IMAGE_FIELDS, *_apis.IMAGE_ITEMS}
    found |= _api_items.ITEM_EVENTS
    return sorted(found)


def test_the_core_and_the_binding_name_no_api_elsewhere() -> None:
    word = re.compile("|".join(rf'"{re.escape(name)}|`{re.escape(name)}' for name in names()))
    for path in sorted([*CORE.rglob("*.rs"), *BINDING.rglob("*.rs")]):
        code, _, _ = path.read_text("utf-8").partition("#[cfg(test)]")
        found = word.findall(code)
        assert bool(found) == (path.name == "apis.rs"), (path, found)


def literals(source: str) -> list[str]:
    """The strings of Python code, without its documentation."""
    tree = ast.parse(source)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    values = [node.value for node in constants if id(node) not in docs]
    return [
        value.decode("latin-1") if isinstance(value, bytes) else value
        for value in values
        if isinstance(value, str | bytes)
    ]


def test_the_logs_name_no_api_elsewhere() -> None:
    for folder in ("_pure", "logs", "report", "splits", "job"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            for text in literals(path.read_text("utf-8")):
                assert not any(name in text for name in names()), (path, text)


MEMBERS = {
    _apis.DELTA,
    _apis.INDEX,
    _apis.OUTPUT_INDEX,
    _apis.CONTENT_INDEX,
    _apis.ITEM_ID,
    _apis.SEQUENCE_NUMBER,
    _apis.PARTIAL_INDEX,
}
"""Members of events that columns are named after: their names elsewhere are those of columns."""


def members_read(source: str) -> Iterator[str]:
    """The constant keys that Python code looks for in an object."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(str(key)), *_]):
                yield key
            case ast.Compare(left=ast.Constant(str(key)), ops=[ast.In() | ast.NotIn()]):
                yield key


def test_the_members_of_events_are_those_of_the_table() -> None:
    for folder in ("_pure", "logs"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            assert MEMBERS.isdisjoint(members_read(path.read_text("utf-8"))), path
    word = re.compile(rf'"(?:{"|".join(MEMBERS)})"')
    for path in sorted((CORE / "logs").rglob("*.rs")):
        code, _, _ = path.read_text("utf-8").partition("#[cfg(test)]")
        assert bool(word.search(code)) == (path.name == "apis.rs"), path


def test_a_member_elsewhere_would_be_found() -> None:
    code = "a = value.get('delta', 0) or 'item_id' in value and row['index']"
    assert set(members_read(code)) == {"delta", "item_id"}


def test_no_two_apis_claim_the_same_events() -> None:
    prefixes = list(_apis.PREFIXES)
    for prefix in prefixes:
        assert [other for other in prefixes if other.startswith(prefix)] == [prefix]
    objects = [object for api in _apis.APIS for object in api.objects]
    assert len(objects) == len(set(objects))
    for api in _apis.APIS:
        types = (*api.begins, *api.ends, *api.text_deltas, *api.final_texts, *api.images.partial)
        assert all(type.startswith(api.types.prefixes) for type in types)
        assert len(types) == len(set(types))


def test_all_apis_say_what_they_add_to_items() -> None:
    assert list(_api_items.ITEMS) == [api.name for api in _apis.APIS]
    for api in _apis.APIS:
        items = _api_items.ITEMS[api.name]
        types = {*items.events, *(type for each in items.additions for type in each.types)}
        assert all(type.startswith(api.types.prefixes) for type in types)
