"""Writes `rust/core/src/logs/apis.rs` from `python/rapidsse/_apis.py` and `_api_items.py`.

    python scripts/generate_apis.py             # write the file
    python scripts/generate_apis.py --check     # exit status 1 if it differs

The compiled engine has no other knowledge of an API.
"""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "python" / "rapidsse" / "_apis.py"
ITEMS = ROOT / "python" / "rapidsse" / "_api_items.py"
FILE = ROOT / "rust" / "core" / "src" / "logs" / "apis.rs"

HEAD = """\
//! What the events of each API mean, as data. Written by `scripts/generate_apis.py`, from
//! `python/rapidsse/_apis.py` and `_api_items.py`: change these.

/// A member of an event that holds what the event adds to its response. Paths begin in its value.
#[derive(Debug)]
pub struct Head {
    /// Its key.
    pub name: &'static str,
    /// Whether its value is a list of answers, each with its number in `index`.
    pub has_each: bool,
    /// Whether its value is a text; otherwise an object.
    pub is_text: bool,
    /// Whether its value says that the answer has ended,
    pub is_flag: bool,
    /// or is null until then, and a text from then on.
    pub is_whole: bool,
    /// What says why the answer ended: of several the first that says something counts.
    pub finishes: &'static [&'static [&'static str]],
    /// What only the first chunk of an answer has; no path if nothing has.
    pub role: &'static [&'static str],
    /// Where its texts lie.
    pub texts: &'static [&'static [&'static str]],
    /// Whether it is the count of tokens.
    pub is_usage: bool,
}

/// An API, by what its events look like.
#[derive(Debug)]
pub struct Api {
    /// As `StreamEnd.api` gives it.
    pub name: &'static str,
    /// Its events have a `type` that begins with one of these,
    pub prefixes: &'static [&'static str],
    /// or one of these `object`s,
    pub objects: &'static [&'static str],
    /// or, if they say neither, all of one of these groups of [`HEADS`], a bit each.
    pub shapes: &'static [u32],
    /// Those of [`HEADS`] that mean something in its events, a bit each.
    pub heads: u32,
    /// Whether each event is a chunk of the response.
    pub has_chunks: bool,
    /// Whether the first chunk of an answer is recognised by its role.
    pub has_roles: bool,
    /// Which of [`IDS`] are the response's id: the first that is there counts.
    pub ids: &'static [u8],
    /// Whether a member of the event, one of [`RESPONSES`], holds the response object.
    pub has_response: bool,
    /// Those of [`TYPE_KEYS`] that may name the type of its events, by their number.
    pub type_keys: &'static [u8],
    /// Types that begin with a prefix, but are what the client sends.
    pub requests: &'static [&'static str],
    /// The types of events that always begin a stream,
    pub begins: &'static [&'static str],
    /// that end one,
    pub ends: &'static [&'static str],
    /// that add a text,
    pub text_deltas: &'static [&'static str],
    /// and that hold a text as a whole.
    pub final_texts: &'static [&'static str],
    /// The types of the events that may hold items of the output as a whole.
    pub item_events: &'static [&'static str],
    /// What its events add to items.
    pub additions: &'static [Additions],
}

/// Objects in an event that add to items of the output.
#[derive(Debug)]
pub struct Additions {
    /// The types of the events that have them; without any, all events of the API may.
    pub types: &'static [&'static str],
    /// Leads to the objects: [`EACH`] stands for the elements of a list. Those of the first one are
    /// answers, those of the second one are items.
    pub path: &'static [&'static str],
    /// Of several sources that may say the same of an item, the one that comes first counts.
    pub source: u8,
    /// Whether items follow each other: a text goes on with the one before, and all else is
    /// another item. Otherwise an item has its number in `index`; or where that is lacking,
    pub runs: bool,
    /// an id,
    pub id: &'static [&'static str],
    /// or a name, begins another one.
    pub names: &'static [&'static [&'static str]],
    /// Whether the elements of the first list are items already.
    pub lists_items: bool,
    /// Whether there is one item: the event's numbers are of something else.
    pub is_only: bool,
    /// Leads to the number of the part of the item, from the event on.
    pub part: &'static [&'static str],
    /// The pieces in such an object.
    pub leaves: &'static [Leaf],
}

/// A value that is a piece of an item.
#[derive(Debug)]
pub struct Leaf {
    /// The type of the item; empty if the value tells nothing about it.
    pub item: &'static str,
    /// What of the item it is.
    pub column: &'static str,
    /// Of several paths the first that has a value counts.
    pub paths: &'static [&'static [&'static str]],
    /// How the value counts.
    pub how: How,
}

/// How a value counts that is a piece of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is appended, if it is text of the output.
    Text,
    /// The same for a text that is marked as a thought.
    Thought,
    /// A string is appended, and any other value as its JSON stands in the event.
    Json,
    /// A string that is not empty, unless there is one already.
    First,
    /// A string, in the place of what there is.
    Whole,
    /// Only that there is a value.
    Mark,
    /// As `First`, unless it is a data URL.
    Link,
}
"""

LISTS = (
    ("The members that say what an event is; the first counts.", "TYPE_KEYS"),
    ("The members of an event that hold the response object.", "RESPONSES"),
    ("The members of an event that may have [`ERROR_FIELD`], too.", "ERROR_PARENTS"),
    ("The members that say the same in an event of no known API without a type.", "FAILURES"),
    ("The members of an event that count its tokens, beside those of [`HEADS`].", "USAGES"),
    ("The types of objects whose `text` is text of the output,", "TEXT_PARTS"),
    ("unless one of these members is true.", "ASIDES"),
    ("What does not say that an answer is complete, although it ends.", "FAILED_FINISHES"),
    ("The members of an event that are an image,", "IMAGE_FIELDS"),
    ("of which these are a partial one,", "PARTIAL_FIELDS"),
    ("and so are all in events of these types.", "PARTIAL_IMAGES"),
    ("The members that say of what type the data beside them is.", "MEDIA_TYPES"),
    ("What stands in the JSON of an event with an image.", "IMAGE_MARKS"),
    ("The keys of strings that are base64.", "BASE64_KEYS"),
)
NAMES = (
    ("The `type` of an event that says that something failed, of any API.", "ERROR"),
    ("The member that says that something failed.", "ERROR_FIELD"),
    ("So does this one, if it is a text,", "MESSAGE"),
    ("beside this one.", "CODE"),
    ("What an image's data URL begins with.", "IMAGE_URL"),
    ("The member of an object that is an image, if one of [`MEDIA_TYPES`] says so.", "IMAGE_DATA"),
    ("What the media type of an image begins with.", "IMAGE_MEDIA"),
    ("What stands in a path for the elements of a list.", "EACH"),
    ("The member that says what an event is, if no type does.", "OBJECT"),
    ("The member that an event adds.", "DELTA"),
    ("The number of an element of a list.", "INDEX"),
    ("The number of an item of the output.", "OUTPUT_INDEX"),
    ("The number of a part of such an item.", "CONTENT_INDEX"),
    ("The id of the item to which an event adds.", "ITEM_ID"),
    ("The number of an event in its stream.", "SEQUENCE_NUMBER"),
    ("The number of a partial image.", "PARTIAL_INDEX"),
    ("The member of an object that is a text.", "TEXT"),
    ("The member of such an object which, if it is true, says that it is a thought.", "THOUGHT"),
)
NUMBERS = (("The first code that says that something failed.", "FIRST_FAILED_CODE"),)


def string(value: str) -> str:
    return '"' + value.replace("\\", "\\\\") + '"'


def strings(values: Sequence[str]) -> str:
    return "&[" + ", ".join(map(string, values)) + "]"


def in_order(values: Collection[str]) -> list[str]:
    return sorted(values) if isinstance(values, frozenset) else list(values)


def pairs(values: dict[str, str]) -> str:
    return "&[" + ", ".join(f"({string(a)}, {string(b)})" for a, b in values.items()) + "]"


def boolean(value: object) -> str:
    return str(bool(value)).lower()


def struct(name: str, fields: dict[str, str]) -> str:
    lines = "".join(f"        {field}: {value},\n" for field, value in fields.items())
    return f"    {name} {{\n{lines}    }},\n"


def head(head: Any) -> str:
    fields = {
        "name": string(head.name),
        "has_each": boolean(head.each),
        "is_text": boolean(head.text),
        "is_flag": boolean(head.flag),
        "is_whole": boolean(head.whole),
        "finishes": paths(head.finishes),
        "role": strings(head.role),
        "texts": paths(head.texts),
        "is_usage": boolean(head.usage),
    }
    return struct("Head", fields)


def paths(values: Sequence[Sequence[str]]) -> str:
    return "&[" + ", ".join(map(strings, values)) + "]"


def leaf(leaf: Any) -> str:
    fields = {
        "item": string(leaf.item),
        "column": string(leaf.column),
        "paths": paths(leaf.paths),
        "how": f"How::{leaf.how.title()}",
    }
    return one_line("Leaf", fields)


def additions(additions: Any) -> str:
    fields = {
        "types": strings(additions.types),
        "path": strings(additions.path),
        "source": str(additions.source),
        "runs": boolean(additions.runs),
        "lists_items": boolean(additions.lists_items),
        "id": strings(additions.id),
        "names": paths(additions.names),
        "is_only": boolean(additions.is_only),
        "part": strings(additions.part),
        "leaves": "&[" + ", ".join(map(leaf, additions.leaves)) + "]",
    }
    return "\n            " + one_line("Additions", fields) + ","


def one_line(name: str, fields: dict[str, str]) -> str:
    members = ", ".join(f"{field}: {value}" for field, value in fields.items())
    return f"{name} {{ {members} }}"


def api(api: Any, table: dict[str, Any]) -> str:
    heads = {head.name: number for number, head in enumerate(table["HEADS"])}
    ids: list[Any] = list(table["IDS"])

    def bits(names: Sequence[str]) -> str:
        return f"0b{sum(1 << heads[name] for name in names):b}"

    items = table["ITEMS"][api.name]
    # The core keeps the ids of an event in the order of `IDS`.
    numbers = [ids.index(id) for id in api.response.ids]
    if numbers != sorted(numbers):
        raise SystemExit(f"the ids of {api.name} are to stand in the order of those of other APIs")
    fields = {
        "name": string(api.name),
        "prefixes": strings(api.types.prefixes),
        "objects": strings(api.objects),
        "shapes": "&[" + ", ".join(map(bits, api.shapes)) + "]",
        "heads": bits(api.heads),
        "has_chunks": boolean(api.chunks),
        "has_roles": boolean(api.roles),
        "ids": f"&{numbers}",
        "has_response": boolean(api.response.member),
        "type_keys": "&["
        + ", ".join(str(table["TYPE_KEYS"].index(key)) for key in api.types.keys)
        + "]",
        "requests": strings(api.types.requests),
        "begins": strings(api.begins),
        "ends": strings(api.ends),
        "text_deltas": strings(api.text_deltas),
        "final_texts": strings(api.final_texts),
        "item_events": strings(items.events),
        "additions": "&[" + "".join(map(additions, items.additions)) + "]",
    }
    return struct("Api", fields)


def constant(doc: str, name: str, type: str, value: str) -> str:
    return f"\n/// {doc}\n#[rustfmt::skip]\npub const {name}: {type} = {value};\n"


def rust(table: dict[str, Any]) -> str:
    heads = "".join(map(head, table["HEADS"]))
    apis = "".join(api(each, table) for each in table["APIS"])
    ids = ", ".join(map(strings, table["IDS"]))
    return HEAD + "".join(
        [
            constant("The members that hold what events add.", "HEADS", "&[Head]", f"&[\n{heads}]"),
            constant("The APIs that are known.", "APIS", "&[Api]", f"&[\n{apis}]"),
            constant("Where the ids of responses lie.", "IDS", "&[&[&str]]", f"&[{ids}]"),
            *(
                constant(doc, name, "&[&str]", strings(in_order(table[name])))
                for doc, name in LISTS
            ),
            *(constant(doc, name, "&str", string(table[name])) for doc, name in NAMES),
            *(constant(doc, name, "i64", str(table[name])) for doc, name in NUMBERS),
            constant(
                "The types of objects with an image, and which member it is.",
                "IMAGE_ITEMS",
                "&[(&str, &str)]",
                pairs(table["IMAGE_ITEMS"]),
            ),
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Write what the compiled engine knows of APIs.")
    parser.add_argument("--check", action="store_true", help="write nothing, report a difference")
    options = parser.parse_args()
    table = runpy.run_path(str(TABLE), run_name="rapidsse._apis")
    items = runpy.run_path(str(ITEMS), run_name="rapidsse._api_items")
    text = rust({**table, "ITEMS": items["ITEMS"]})
    is_current = FILE.exists() and FILE.read_text("utf-8") == text
    if not is_current:
        print(f"{FILE}: out of date")
    if not options.check:
        FILE.write_text(text, "utf-8", newline="\n")
    return 0 if is_current or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
