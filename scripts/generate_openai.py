"""Writes `python/rapidsse/openai/` from the models of the installed `openai` SDK.

    python scripts/generate_openai.py           # write the files
    python scripts/generate_openai.py --check   # exit status 1 if they differ from what it would write

`sdk_models.py` reads the models and says what becomes of their types; this script names the
classes, sorts them into files by subject, and prints Python.

Names: an SDK class or alias keeps its name where that is unique. Where several differ, the one that
the SDK exports from a package (`openai.types.responses.Tool`) keeps it; every other one gets the
name of its SDK module in front (`response_output_text.Logprob` → `ResponseOutputTextLogprob`).
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import openai
import openai.types.chat
import openai.types.responses

from sdk_models import (
    FORMER_TYPES,
    Alias,
    DictOf,
    Field,
    ListOf,
    Model,
    Named,
    OneOf,
    Ref,
    Scalar,
    Schema,
    Type,
    camel,
    parts,
    read,
)

OUTPUT = Path(__file__).parent.parent / "python" / "rapidsse" / "openai"
WIDTH = 100

ROOTS = {
    "openai.types.responses.response_stream_event.ResponseStreamEvent": (
        openai.types.responses.ResponseStreamEvent
    ),
    "openai.types.image_gen_stream_event.ImageGenStreamEvent": openai.types.ImageGenStreamEvent,
    "openai.types.image_edit_stream_event.ImageEditStreamEvent": openai.types.ImageEditStreamEvent,
    "openai.types.chat.chat_completion_chunk.ChatCompletionChunk": (
        openai.types.chat.ChatCompletionChunk
    ),
}

# File, its subject, and the SDK modules it covers. The first match counts, and a file may only
# import from those that stand in LAYERS before it.
SUBJECTS = (
    ("_chat", "Chat Completions chunks", r"chat\.|completion_usage$"),
    ("_images", "Events of the Images API", r"types\.image_"),
    ("_events", "Events: the union of all, the life of a response, its items", (
        r"response_(stream|created|in_progress|completed|failed|incomplete|queued|error"
        r"|output_item_(added|done)|compaction_compacting)_?event$"
    )),
    ("_text_events", "Events: text, refusals, reasoning, audio", (
        r"response_(text|refusal|reasoning|audio|content_part|output_text_annotation).*_event$"
    )),
    ("_call_events", "Events: tool calls", r"responses\.response_.*_event$"),
    ("_calls", "Tool calls and their outputs", (
        r"tool_call|function_web_search|shell_call_output_content$|computer_action"
        r"|response_(container_reference|local_environment)$"
    )),
    ("_items", "Output items", (
        r"responses\.response_(output_(item|message)|reasoning_item|compaction_item"
        r"|tool_search_(call|output_item))$"
    )),
    ("_input_items", "Input items, as a response's instructions repeat them", (
        r"response_input_item$|easy_input_message$|_item_param$"
    )),
    ("_content", "Parts of messages: text, images, files, annotations", (
        r"response_(input_(text|image|file)(_content)?|output_text|output_refusal)$"
    )),
    ("_response", "A response", (
        r"responses\.response(_usage|_error|_prompt|_text_config|_status)?$"
    )),
    ("_formats", "Text formats and reasoning settings", r"response_format_|shared\.reasoning$"),
    ("_tools", "Tools and the choice of them", r""),
)  # fmt: skip
LAYERS = (
    "_formats",
    "_content",
    "_tools",
    "_calls",
    "_items",
    "_input_items",
    "_response",
    "_text_events",
    "_call_events",
    "_events",
    "_images",
    "_chat",
)

PACKAGE_DOC = '''\
"""Structs for the events of the OpenAI API, under the official SDK's class and field names.

`ResponseStreamEvent`, `ImageGenStreamEvent`, `ImageEditStreamEvent` and `ChatCompletionChunk` are
what a stream's events are; the rest is what they hold. Where these differ from the SDK's models:

- Every field may be lacking or null: it then reads as None. Fields not listed are ignored.
- A set of allowed strings is `str`, so that a new value fails nothing. The `type` of a class in a
  union is a class attribute, and keeps its literal type.
- `partial_image_b64`, `b64_json` and the `result` of an `image_generation_call` are
  `rapidsse.Base64`. Other data in base64 (audio, files) is `str`.
- A class whose `type` has several values has one subclass for each value after the first:
@SUBCLASSES@
- Classes that share a `type` within one union are one class there:
@MERGED@
- A union of classes with an arbitrary object is `Any`: @UNTYPED@.
- What a field was in earlier SDKs still reads:
@FORMER@
- Names that the SDK uses for several different things have their SDK module's name in front, but
  for those that the SDK exports from a package:
@QUALIFIED@
"""
'''


class Names:
    """The public name of every model and alias, and what else is public under another name."""

    def __init__(self, schema: Schema) -> None:
        self.of: dict[Model | Alias, str] = {}
        self.synonyms: dict[str, str] = {}
        self.qualified: list[str] = []
        by_name: dict[str, list[Model | Alias]] = defaultdict(list)
        for thing in schema.things:
            by_name[thing.name].append(thing)
        for name, things in by_name.items():
            exported = [t for t in things if _is_exported(t)]
            for thing in things:
                if len(things) == 1 or exported == [thing]:
                    self.of[thing] = name
                    continue
                self.of[thing], *others = (_qualified(t) for t in schema.unified[thing])
                self.qualified += [self.of[thing], *others]
                self.synonyms |= dict.fromkeys(others, self.of[thing])
        for first, absorbed in schema.merged.items():
            self.synonyms |= {m.name: self.of[first] for m in absorbed if m not in self.of}
        public = [*self.of.values(), *self.synonyms]
        for model in schema.models:
            public += [name for _, name in self.variants(model)[1:]]
        if repeated := {name for name in public if public.count(name) > 1}:
            raise SystemExit(f"names used twice: {sorted(repeated)}")

    def variants(self, model: Model) -> list[tuple[str, str]]:
        """The tags of a model, each with the name of its class; an untagged one has no tag."""
        name = self.of[model]
        if not model.tagged:
            return [("", name)]
        first, *others = model.tags
        suffixes = [tag.removeprefix(first) for tag in others]
        return [(first, name), *zip(others, (name + camel(s) for s in suffixes), strict=True)]


def _is_exported(thing: Model | Alias) -> bool:
    """Whether the SDK offers this very class or union from the package of its module."""
    module = sys.modules[thing.module]
    package = sys.modules[thing.module.rpartition(".")[0]]
    offered = getattr(package, thing.name, None)
    return offered is not None and offered is getattr(module, thing.name, None)


def _qualified(thing: Model | Alias) -> str:
    return camel(thing.module.rpartition(".")[2]) + thing.name


class Printer:
    """Prints the modules: `files` maps a file's name to its text.

    They do without `from __future__ import annotations`: Python evaluates 1,300 annotations in a few
    milliseconds, whereas msgspec needs 40 to compile them from strings for the first decoder.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._names = Names(schema)
        self._plain: set[Model] = set()
        self._file_of = {
            thing: min(map(_file_of, equals), key=LAYERS.index)
            for thing, equals in schema.unified.items()
        }
        for model in schema.models:
            if all(self._is_plain(f.type) for f in model.fields):
                self._plain.add(model)
        self.files = {f"{name}.py": self._module(name) for name in LAYERS}
        self.files["__init__.py"] = self._package()

    def _is_plain(self, type_: Type) -> bool:
        """Whether values of `type_` can never be part of a reference cycle."""
        match type_:
            case Scalar(name):
                return name != "Any"
            case Ref(model):
                return model in self._plain
            case Named(alias):
                return all(map(self._is_plain, alias.members))
            case OneOf(members):
                return all(map(self._is_plain, members))
            case ListOf() | DictOf():
                return False

    def _module(self, file: str) -> str:
        things = [t for t in self._schema.things if self._file_of[t] == file]
        chunks = [
            "".join(self._model(t) if isinstance(t, Model) else self._alias(t)) for t in things
        ]
        body = "\n\n".join(chunks)
        gap = "\n\n" if isinstance(things[0], Model) else "\n"
        subject = next(subject for name, subject, _ in SUBJECTS if name == file)
        return self._head(f'"""{subject}."""') + self._imports(file, things, body) + gap + body

    def _head(self, doc: str) -> str:
        command = "scripts/generate_openai.py"
        header = f"# Generated by {command} from openai {openai.__version__}: do not edit.\n"
        return f"{header}{doc}\n\n"

    def _imports(self, file: str, things: list[Model | Alias], body: str) -> str:
        typing = [n for n in ("Any", "ClassVar", "Literal", "TypeAlias") if _uses(body, n)]
        blocks = [_import("typing", typing)] if typing else []
        if "= field(" in body:
            blocks.append("\nfrom msgspec import field\n")
        local = ["\nfrom .._base64 import Base64\n"] if _uses(body, "Base64") else [""]
        by_file: dict[str, set[str]] = defaultdict(set)
        for part in (p for t in things for p in parts(t)):
            by_file[self._file_of[part]] |= set(self._import_names(part, body))
        by_file["_model"] = {n for n in ("Model", "TaggedModel") if _uses(body, n)}
        for other in sorted(by_file.keys() - {file}):
            if other != "_model" and LAYERS.index(other) > LAYERS.index(file):
                raise SystemExit(f"{file} would import {by_file[other]} from {other}")
            if by_file[other]:
                local.append(_import(f".{other}", by_file[other]))
        if not local[0]:
            local[0] = "\n"
        return "".join([*blocks, *local])

    def _import_names(self, thing: Model | Alias, body: str) -> Iterator[str]:
        for name in self._class_names(thing):
            if _uses(body, name):
                yield name

    def _class_names(self, thing: Model | Alias) -> list[str]:
        if isinstance(thing, Model):
            return [name for _, name in self._names.variants(thing)]
        return [self._names.of[thing]]

    def _model(self, model: Model) -> Iterator[str]:
        name = self._names.of[model]
        gc = ["gc=False"] if model in self._plain else []
        if not model.tagged:
            yield _class(name, ["Model", "kw_only=True", *gc])
            yield "".join(map(self._field, model.fields)) or "    pass\n"
            return
        (tag, _), *others = self._names.variants(model)
        yield _class(name, ["TaggedModel", f'tag="{tag}"', "kw_only=True", *gc])
        yield _type_attribute(model.tags)
        yield "".join(self._field(f) for f in model.fields if f.name != "type")
        for other_tag, other in others:
            yield "\n\n" + _class(other, [name, f'tag="{other_tag}"', "kw_only=True", *gc])
            yield f'    type = "{other_tag}"\n'

    def _field(self, f: Field) -> str:
        type_ = self._type(f.type)
        annotation = type_ if type_ == "Any" else f"{type_} | None"
        default = "None" if f.name == f.json_name else f'field(default=None, name="{f.json_name}")'
        line = f"    {f.name}: {annotation} = {default}\n"
        if len(line) > WIDTH + 1:
            raise SystemExit(f"too long: {line}")
        return line

    def _type(self, type_: Type) -> str:
        match type_:
            case Scalar(name):
                return name
            case ListOf(item):
                return f"list[{self._type(item)}]"
            case DictOf(value):
                return f"dict[str, {self._type(value)}]"
            case Named(alias):
                return self._names.of[alias]
            case Ref(model):
                return " | ".join(self._class_names(model))
            case OneOf(members):
                return " | ".join(map(self._type, members))

    def _alias(self, alias: Alias) -> str:
        members = [n for m in alias.members for n in self._type(m).split(" | ")]
        line = f"{self._names.of[alias]}: TypeAlias = {' | '.join(members)}\n"
        if len(line) <= WIDTH + 1:
            return line
        listed = " | ".join(members)
        if len(listed) + 4 > WIDTH:
            listed = "\n    | ".join(members)
        return f"{self._names.of[alias]}: TypeAlias = (\n    {listed}\n)\n"

    def _package(self) -> str:
        by_file: dict[str, list[str]] = defaultdict(list)
        for thing in self._schema.things:
            by_file[self._file_of[thing]] += self._class_names(thing)
        text = self._head(self._package_doc())
        text += "from typing import Final\n\n"
        text += "".join(_import(f".{file}", names) for file, names in sorted(by_file.items()))
        text += f'\nSDK_VERSION: Final = "{openai.__version__}"\n'
        synonyms = sorted(self._names.synonyms.items())
        text += "\n" + "".join(f"{name} = {of}\n" for name, of in synonyms)
        public = sorted([*(n for ns in by_file.values() for n in ns), *self._names.synonyms])
        listed = "".join(f'    "{name}",\n' for name in ["SDK_VERSION", *public])
        return text + f"\n__all__ = [\n{listed}]\n"

    def _package_doc(self) -> str:
        names, schema = self._names, self._schema
        subclasses = [
            ", ".join(f"`{name}`" for _, name in names.variants(model)[1:])
            for model in schema.models
            if model.tagged and len(model.tags) > 1
        ]
        merged = [
            f"`{names.of[first]}`, which has the fields of "
            + " and ".join(f"`{m.name}`" for m in others)
            for first, others in schema.merged.items()
        ]
        qualified = ", ".join(f"`{name}`" for name in sorted(names.qualified))
        doc = PACKAGE_DOC.replace("@SUBCLASSES@", _paragraph(", ".join(subclasses)))
        doc = doc.replace("@MERGED@", _paragraph("; ".join(merged)))
        former = [f"`{model}.{f}` may be `{t.__name__}`" for (model, f), t in FORMER_TYPES.items()]
        doc = doc.replace("@FORMER@", _paragraph(", ".join(former)))
        doc = doc.replace("@UNTYPED@", ", ".join(f"`{name}`" for name in schema.untyped))
        return doc.replace("@QUALIFIED@", _paragraph(qualified)).rstrip()


def _paragraph(text: str) -> str:
    indent = "  "
    return textwrap.fill(
        text + ".", WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _file_of(thing: Model | Alias) -> str:
    return next(file for file, _, pattern in SUBJECTS if re.search(pattern, thing.module))


def _uses(body: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", body) is not None


def _class(name: str, arguments: list[str]) -> str:
    line = f"class {name}({', '.join(arguments)}):\n"
    if len(line) <= WIDTH + 1:
        return line
    return f"class {name}(\n" + "".join(f"    {a},\n" for a in arguments) + "):\n"


def _type_attribute(values: tuple[str, ...]) -> str:
    quoted = [f'"{value}"' for value in values]
    line = f"    type: ClassVar[Literal[{', '.join(quoted)}]] = {quoted[0]}\n"
    if len(line) <= WIDTH + 1:
        return line
    if len(values) == 1:
        return f"    type: ClassVar[Literal[{quoted[0]}]] = (\n        {quoted[0]}\n    )\n"
    listed = "".join(f"            {value},\n" for value in quoted)
    return f"    type: ClassVar[\n        Literal[\n{listed}        ]\n    ] = {quoted[0]}\n"


def _import(module: str, names: Iterable[str]) -> str:
    names = _sorted(names)
    line = f"from {module} import {', '.join(names)}\n"
    if len(line) <= WIDTH + 1:
        return line
    return f"from {module} import (\n" + "".join(f"    {n},\n" for n in names) + ")\n"


def _sorted(names: Iterable[str]) -> list[str]:
    """In isort's order, but for numbers in names, which no SDK name tells apart."""
    return sorted(names, key=lambda name: (name.lower(), name))


def main() -> int:
    parser = argparse.ArgumentParser(description="Write rapidsse.openai from the openai SDK.")
    parser.add_argument("--check", action="store_true", help="write nothing, report differences")
    check = parser.parse_args().check
    files = Printer(read(ROOTS)).files
    handwritten = {"_model.py"}
    present = {path.name: path for path in OUTPUT.glob("*.py") if path.name not in handwritten}
    stale = [name for name in sorted(present) if name not in files]
    changed = [
        name
        for name, text in files.items()
        if name not in present or present[name].read_text("utf-8") != text
    ]
    for name in [*changed, *stale]:
        print(f"{OUTPUT / name}: {'out of date' if name in changed else 'not generated any more'}")
    if check:
        return 1 if changed or stale else 0
    for name in changed:
        (OUTPUT / name).write_text(files[name], "utf-8", newline="\n")
    for name in stale:
        present[name].unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
