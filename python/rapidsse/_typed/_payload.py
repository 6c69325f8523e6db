"""Decodes one event's payload, with every `Base64` referring to the payload itself.

A payload in which no `Base64` is met goes through msgspec once, untouched. In any other,
long base64 is cut out and a short placeholder put in its place; msgspec reads the rest,
and its hook turns each placeholder into a reference. That counts only where each
placeholder ended up in a `Base64`, once: elsewhere it would be taken for data. Then the
payload is read with less cut out, or with nothing: that plain decode is what is accepted
or refused, and how, in every case of doubt.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, ValidationError

from .._engine import find_spans
from ._base64 import Base64, in_place
from ._schema import inspect_type
from ._unknown import UnknownEvent, UnknownItem

if TYPE_CHECKING:
    from .._rust import _Payload as Payload
    from ._refusal import Refusals

__all__ = ["DecHook", "PayloadDecoder"]

DecHook = Callable[[type, Any], Any]

CUT_BYTES = 512
"""Shorter base64 stays in the JSON: cutting it out costs more than reading it."""

FAST_BYTES = 16384
"""From this length on, base64 is looked for before msgspec sees the payload."""

VIEW_BYTES = 1 << 20
"""From this length on, msgspec reads a view in place: a copy costs more than the buffer protocol."""


class _Numbered(msgspec.Struct):
    sequence_number: int | None = None


class _Base64Met(Exception):
    """Ends a fast decode: the payload holds a `Base64`."""


_NONCE_BYTES = 12
_nonces: list[str] = []


def _nonce() -> str:
    """Text that no input can hold, since nobody can foresee it and each is used once."""
    try:
        return _nonces.pop()
    except IndexError:
        # The system takes longer to be asked than to answer.
        many = os.urandom(_NONCE_BYTES * 256).hex(":", _NONCE_BYTES).split(":")
        _nonces.extend(many[1:])
        return many[0]


def _fast_hook(user_hook: DecHook | None) -> DecHook:
    def hook(expected: type, value: Any) -> Any:
        if expected is Base64:
            raise _Base64Met
        # Handed back as it is, msgspec refuses it the way it does without a hook.
        return value if user_hook is None else user_hook(expected, value)

    return hook


class _Scope:
    """The strings of one payload that its `Base64` fields may refer to, during one decode."""

    __slots__ = ("_by_text", "_cut", "_spans", "_view", "refusal", "refused", "taken")

    def __init__(
        self,
        payload: Payload,
        spans: Sequence[tuple[int, int]],
        cut: dict[str, int],
    ) -> None:
        self._view = (
            memoryview(payload).toreadonly()
            if isinstance(payload, (bytes, memoryview))
            else payload
        )
        self._spans = spans
        self._cut = cut
        self._by_text: dict[str, int] | None = None
        self.taken: list[int] = []
        self.refusal: ValueError | None = None
        self.refused: object = None

    def rest(self) -> bytes:
        """The payload with a placeholder for each span that is cut."""
        parts: list[Payload] = []
        at = 0
        for placeholder, number in self._cut.items():
            start, end = self._spans[number]
            parts += (self._view[at:start], placeholder.encode())
            at = end
        parts.append(self._view[at:])
        return b"".join(parts)

    def is_exact(self) -> bool:
        """Whether each placeholder ended up in a `Base64`, once."""
        return len(self.taken) == len(self._cut) == len(set(self.taken))

    def base64(self, value: object) -> Base64:
        """The `Base64` for what msgspec read in the place of one."""
        if type(value) is not str:
            self.refused = value
            self.refusal = ValueError(_wrong_type(value))
            raise self.refusal
        number = self._cut.get(value)
        if number is not None:
            self.taken.append(number)
        else:
            if self._by_text is None:
                self._by_text = self._index()
            number = self._by_text.get(value)
            if number is None:  # written with escapes, or not ASCII
                return Base64(value)
        start, end = self._spans[number]
        return in_place(self._view[start:end])

    def was_refused_by(self, error: Exception) -> bool:
        """Whether `error` is what msgspec made of this scope's own refusal."""
        return self.refusal is not None and error.__cause__ is self.refusal

    def _index(self) -> dict[str, int]:
        cut = set(self._cut.values())
        return {
            str(self._view[start:end], "ascii"): number
            for number, (start, end) in enumerate(self._spans)
            if number not in cut
        }


_scope: ContextVar[_Scope] = ContextVar("scope")
"""That of the decode under way in this thread."""


def _wrong_type(value: object) -> str:
    """msgspec's message for JSON that is not a string where a `str` is expected."""
    if isinstance(value, bool):
        name = "bool"
    elif isinstance(value, int):
        # msgspec reads an integer past 64 bits as a float where no int is expected.
        try:
            float(value)
        except OverflowError:
            return "Number out of range"
        name = "int" if -(2**63) <= value < 2**64 else "float"
    elif value is None:
        name = "null"
    elif isinstance(value, float):
        name = "float"
    else:
        name = "array" if isinstance(value, list) else "object"
    return f"Expected `str`, got `{name}`"


class PayloadDecoder:
    """Decodes payloads as values of `type`; usable from many threads at once.

    `fast` decodes payloads in which no `Base64` is met and raises for all others, for
    which there is `decode`; `fast_lines` decodes several, joined by LF. `keys` says what `find_spans` is to look for.
    """

    def __init__(self, type: Any, *, strict: bool, dec_hook: DecHook | None) -> None:
        self._type = type
        self._strict = strict
        self._user_hook = dec_hook
        fast = msgspec.json.Decoder(type, strict=strict, dec_hook=_fast_hook(dec_hook))
        schema = inspect_type(type)
        self.fast: Callable[[bytes | memoryview | Raw], Any] = fast.decode
        # A user's hook sees one event at a time, in their order.
        self.fast_lines = fast.decode_lines if dec_hook is None else None
        self.keys = schema.keys
        self._whole = msgspec.json.Decoder(type, strict=strict, dec_hook=self._hook)
        self._schema = schema
        self._members: dict[Any, PayloadDecoder] = {}

    def decode(
        self,
        payload: Payload,
        spans: Sequence[tuple[int, int]],
        unknown: list[UnknownItem],
    ) -> Any:
        """Decodes any payload, given its `find_spans`.

        Appends to `unknown` the members whose tag no union knows. Raises what msgspec
        raises for a plain decode in which each `Base64` is a `str`.
        """
        value = self._decode_known(payload, spans, unknown)
        if isinstance(value, UnknownItem):
            unknown.remove(value)
            return UnknownEvent(value.type, value.raw, _sequence_number(value.raw))
        return value

    def _decode_known(
        self,
        payload: Payload,
        spans: Sequence[tuple[int, int]],
        unknown: list[UnknownItem],
    ) -> Any:
        try:
            return self._decode(payload, spans)
        except ValidationError as error:
            # Imported here: most programs never meet an unknown type.
            from ._rebuild import names_unknown_tag, rebuild

            if not names_unknown_tag(error):
                raise
            raw = msgspec.json.decode(payload, type=Raw)
            return rebuild(self._type, raw, error, self._decode_member, unknown)

    def _decode(self, payload: Payload, spans: Sequence[tuple[int, int]]) -> Any:
        numbers = [n for n, (start, end) in enumerate(spans) if end - start >= CUT_BYTES]
        for _ in range(2):
            if not numbers:
                break
            nonce = _nonce()
            scope = _Scope(payload, spans, {f"{nonce}:{n}": n for n in numbers})
            try:
                value = self._run(scope, scope.rest())
            except Exception:  # noqa: BLE001 (the plain decode tells)
                break
            if scope.is_exact():
                return value
            # The others stood in a plain string, or where nothing is read.
            numbers = sorted(set(scope.taken))
        return self._decode_plain(payload, spans)

    def _decode_plain(self, payload: Payload, spans: Sequence[tuple[int, int]]) -> Any:
        scope = _Scope(payload, spans, {})
        whole = bytes(payload) if len(payload) < VIEW_BYTES else payload
        try:
            return self._run(scope, whole)
        except ValidationError as error:
            if scope.was_refused_by(error):
                raise self._refusals().reworded(error, bytes(payload)) from None
            if "out of range" not in str(error):
                raise  # no other such error arises where any JSON will do
            failure: Exception = error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            failure = error
        earlier = self._refusals().before(failure, bytes(payload))
        raise (failure if earlier is None else earlier) from None

    def _refusals(self) -> Refusals:
        # Imported here, as `_rebuild` is: most programs never meet such JSON.
        from ._refusal import Refusals

        return Refusals(self._schema, _nonce(), self._refused)

    def _refused(self, payload: bytes) -> tuple[Any, ValidationError] | None:
        """Decodes `payload`; if a `Base64` refuses a value, that value and the error."""
        scope = _Scope(payload, (), {})
        try:
            self._run(scope, payload)
        except ValidationError as error:
            if scope.was_refused_by(error):
                return scope.refused, error
        except Exception:  # noqa: BLE001 (it ended in another way)
            return None
        return None

    def _run(self, scope: _Scope, payload: Payload) -> Any:
        # A user's hook may decode another payload meanwhile.
        outer = _scope.set(scope)
        try:
            return self._whole.decode(payload)
        finally:
            _scope.reset(outer)

    def _hook(self, expected: type, value: Any) -> Any:
        if expected is Base64:
            return _scope.get().base64(value)
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

    def _decode_member(self, type: Any, raw: Raw, unknown: list[UnknownItem]) -> Any:
        member = self._member(type)
        with suppress(Exception):
            return member.fast(raw)
        payload = memoryview(raw)
        return member._decode_known(payload, find_spans(payload, member.keys), unknown)


def _sequence_number(raw: Raw) -> int | None:
    try:
        return msgspec.json.decode(raw, type=_Numbered).sequence_number
    except msgspec.DecodeError:
        return None
