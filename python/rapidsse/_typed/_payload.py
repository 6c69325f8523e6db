"""Decodes one event's payload, with every `Base64` referring to the payload itself.

A payload in which no `Base64` is met goes through msgspec once, untouched. In any other,
long base64 is cut out and a short placeholder put in its place; msgspec reads the rest,
and its hook turns each placeholder into a reference. That counts only where each
placeholder ended up in a `Base64`, once: elsewhere it would be taken for data. Then the
payload is read with less cut out, or with nothing: that plain decode is what is accepted
or refused, and how, in every case of doubt.

An engine may do the first of these by itself, for which there is `decode_cut`: a value that it gets
so is the one that `decode` returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, ValidationError

from .._engine import find_spans
from .._limits import MAX_COPY, MIN_CUT
from .._nonce import nonce
from ._base64 import Base64
from ._extras import Extras
from ._placeholders import Placeholders
from ._schema import base64_keys, holds_models
from ._unknown import UnknownEvent, UnknownItem

if TYPE_CHECKING:
    from .._rust import _CutDecoder as CutDecoder
    from .._rust import _NewHook as NewHook
    from .._rust import _Payload as Payload
    from ._prototype import Members, Prototype
    from ._rebuild import Shape

__all__ = ["DecHook", "PayloadDecoder"]

DecHook = Callable[[type, Any], Any]


@cache
def _prototype() -> Callable[[Any, Members], Prototype | None]:
    # Imported here: short streams do without.
    from ._prototype import prototype

    return prototype


@cache
def _rebuilding() -> ModuleType:
    # Imported here: most programs never meet an unknown type.
    from . import _rebuild

    return _rebuild


class _Numbered(msgspec.Struct):
    sequence_number: int | None = None


class _Base64Met(Exception):
    """Ends a fast decode: the payload holds a `Base64`."""


def _fast_hook(user_hook: DecHook | None) -> DecHook:
    def hook(expected: type, value: Any) -> Any:
        if expected is Base64:
            raise _Base64Met
        # Handed back as it is, msgspec refuses it the way it does without a hook.
        return value if user_hook is None else user_hook(expected, value)

    return hook


_placeholders: ContextVar[Placeholders] = ContextVar("placeholders")
"""Those of the decode under way in this thread."""


class PayloadDecoder:
    """Decodes payloads as values of `type`; usable from many threads at once.

    `fast` decodes payloads in which no `Base64` is met and raises for all others, for
    which there is `decode`; `fast_lines` decodes several, joined by LF. `keys` are the keys whose
    values `find_spans` finds.
    """

    def __init__(self, type: Any, *, strict: bool, dec_hook: DecHook | None) -> None:
        self._type = type
        self._strict = strict
        self._user_hook = dec_hook
        fast = msgspec.json.Decoder(type, strict=strict, dec_hook=_fast_hook(dec_hook))
        self.fast: Callable[[bytes | memoryview | Raw], Any] = fast.decode
        # A user's hook sees one event at a time, in their order.
        self.fast_lines = fast.decode_lines if dec_hook is None else None
        self.takes_cuts = dec_hook is None
        self.keys = base64_keys(type)
        # Made when they are first needed: for a union of many Structs, each takes as long as decoding a
        # hundred events.
        self._whole: msgspec.json.Decoder[Any] | None = None
        self._cut: CutDecoder | None = None
        self._shape: Shape | None = None
        self._members: dict[Any, PayloadDecoder] = {}

    def prototype(self, value: Any, members: Members) -> Prototype | None:
        """See `_prototype.prototype`. Without `strict`, msgspec takes values in other ways."""
        if not self._strict:
            return None
        return _prototype()(value, members)

    def decode_cut(self, new_hook: NewHook) -> CutDecoder:
        """What decodes payloads of which the engine cuts long base64 out, with its hook.

        Only if `takes_cuts`: the engine's hook is in the place of a user's.
        """
        if self._cut is None:
            hook = new_hook(Base64, "_encoded", "_hash")
            decoder = msgspec.json.Decoder(self._type, strict=self._strict, dec_hook=hook)
            self._cut = hook, decoder.decode
        return self._cut

    def decode(
        self,
        payload: Payload,
        spans: Sequence[tuple[int, int]],
        extras: Extras,
    ) -> Any:
        """Decodes any payload, given its `find_spans`.

        Adds to `extras` the members whose tag no union knows, and the fields of generated Structs
        that were dropped. Raises what msgspec raises, for whatever a plain decode in which each
        `Base64` is a `str` refuses too.
        """
        value = self._decode_known(payload, spans, extras)
        if isinstance(value, UnknownItem):
            extras.items.remove(value)
            return UnknownEvent(value.type, value.raw, _sequence_number(value.raw))
        return value

    def _decode_known(
        self,
        payload: Payload,
        spans: Sequence[tuple[int, int]],
        extras: Extras,
    ) -> Any:
        try:
            return self._decode(payload, spans)
        except ValidationError as error:
            rebuilding = _rebuilding()
            if not rebuilding.names_unknown_tag(error) and not holds_models(self._type):
                raise
            if self._shape is None:
                self._shape = rebuilding.shape_of(self._type)
            raw = msgspec.json.decode(payload, type=Raw)
            return rebuilding.rebuild(self._shape, raw, error, self._decode_member, extras)

    def _decode(self, payload: Payload, spans: Sequence[tuple[int, int]]) -> Any:
        numbers = [n for n, (start, end) in enumerate(spans) if end - start >= MIN_CUT]
        for _ in range(2):
            if not numbers:
                break
            prefix = nonce()
            placeholders = Placeholders(payload, spans, {f"{prefix}:{n}": n for n in numbers})
            try:
                value = self._run(placeholders, placeholders.json())
            except Exception:  # noqa: BLE001 (the plain decode finds and names it)
                break
            if placeholders.are_exact():
                return value
            # The others stood in a plain string, or where nothing is read.
            numbers = sorted(set(placeholders.taken))
        whole = bytes(payload) if len(payload) < MAX_COPY else payload
        if not spans and isinstance(whole, bytes):
            # Mostly refused for its tag, by the decoder that is there already.
            with suppress(_Base64Met):
                return self.fast(whole)
        return self._run(Placeholders(payload, spans, {}), whole)

    def _run(self, placeholders: Placeholders, payload: Payload) -> Any:
        if self._whole is None:
            self._whole = msgspec.json.Decoder(self._type, strict=self._strict, dec_hook=self._hook)
        # A user's hook may decode another payload meanwhile.
        outer = _placeholders.set(placeholders)
        try:
            return self._whole.decode(payload)
        finally:
            _placeholders.reset(outer)

    def _hook(self, expected: type, value: Any) -> Any:
        if expected is Base64:
            return _placeholders.get().base64(value)
        return value if self._user_hook is None else self._user_hook(expected, value)

    def _member(self, type: Any) -> PayloadDecoder:
        try:
            member = self._members.get(type)
        except TypeError:  # not hashable: `Annotated` with a dict in its metadata
            return PayloadDecoder(type, strict=self._strict, dec_hook=self._user_hook)
        if member is None:
            member = PayloadDecoder(type, strict=self._strict, dec_hook=self._user_hook)
            # One table for the whole type, which may be recursive.
            member._members = self._members
            self._members[type] = member
        return member

    def _decode_member(self, type: Any, raw: Raw, extras: Extras) -> Any:
        member = self._member(type)
        with suppress(Exception):
            return member.fast(raw)
        payload = memoryview(raw)
        return member._decode_known(payload, find_spans(payload, member.keys), extras)


def _sequence_number(raw: Raw) -> int | None:
    try:
        return msgspec.json.decode(raw, type=_Numbered).sequence_number
    except msgspec.DecodeError:
        return None
