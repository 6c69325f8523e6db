"""The inputs of each subject: arbitrary bytes, and recorded streams and logs with changes.

An input is the arguments of the subject's function in `readings`: plain data, which can be pickled.
"""

from __future__ import annotations

import bz2
import gzip
import random
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st
from readings import OWN, SDK, WAYS

import log_strategies
import other_api_strategies
import stream_strategies
from rapidsse.logs._bodies import FORMATS
from typed_family import JsonWriter, family

Input = tuple[Any, ...]
# How much of a recorded file an input holds at most.
MOST = 1 << 18
_ODD_BYTES = [*stream_strategies.LINE_ENDS, b'"', b"\\", b"{", b"}", b"\0", b"\xff", b"\xc3", b":"]


class Inputs:
    """The strategies by subject, with the content of recorded files."""

    def __init__(self, streams: list[Path], logs: list[Path]) -> None:
        self._streams = [path.read_bytes() for path in streams]
        self._logs = {path.name: path.read_bytes() for path in logs}
        self.strategies = {
            "frames": self._frames(),
            "parser": self._parser(),
            "typed": self._typed(),
            "sdk": self._sdk(),
            "own": self._own(),
            "spans": st.tuples(_payloads(), _keys()),
            "base64": st.tuples(_almost_base64()),
            "log": self._log(),
            "tables": self._tables(),
        }

    def _frames(self) -> st.SearchStrategy[Input]:
        return st.tuples(
            _chunks(st.one_of(stream_strategies.streams(), changed(self._streams))),
            st.fixed_dictionaries(
                {
                    "eof": _eof(),
                    "max_event_size": st.one_of(st.none(), st.integers(0, 400)),
                    "dataless": st.booleans(),
                }
            ),
        )

    def _parser(self) -> st.SearchStrategy[Input]:
        contents = st.one_of(
            stream_strategies.streams(),
            stream_strategies.payload_streams().map(stream_strategies.expand),
            changed(self._streams),
        )
        return st.tuples(_chunks(contents), st.one_of(st.none(), st.integers(0, 400)))

    def _typed(self) -> st.SearchStrategy[Input]:
        return st.tuples(
            _chunks(
                st.one_of(
                    stream_strategies.payload_streams().map(stream_strategies.expand),
                    stream_strategies.streams(),
                    changed(self._streams),
                )
            ),
            st.sampled_from(["any", "int"]),
            st.fixed_dictionaries(
                {
                    "keys": _keys(),
                    "max_event_size": st.one_of(st.none(), st.integers(0, 400)),
                    "eof": _eof(),
                    "dataless": st.booleans(),
                    "defer_if_contains": st.sampled_from([None, b"b64", b'"result"', b"1"]),
                }
            ),
        )

    def _sdk(self) -> st.SearchStrategy[Input]:
        bodies = st.one_of(log_strategies.damaged(log_strategies.bodies()), changed(self._streams))
        ways = st.sampled_from(WAYS)
        return st.tuples(st.sampled_from(SDK), ways, _chunks(bodies), _decoder_options())

    def _own(self) -> st.SearchStrategy[Input]:
        return st.sampled_from(OWN).flatmap(
            lambda root: st.tuples(
                st.just(root),
                st.sampled_from(WAYS),
                _chunks(_own_streams(root)),
                _decoder_options(),
            )
        )

    def _log(self) -> st.SearchStrategy[Input]:
        bodies = {
            "sse": st.one_of(
                log_strategies.damaged(log_strategies.bodies()),
                _other_apis("sse"),
                changed(self._streams),
            ),
            "lines": st.one_of(
                log_strategies.damaged(log_strategies.line_bodies()), _other_apis("lines")
            ),
        }
        deliver = st.sets(st.sampled_from(["all", "state", "texts", "images"])).map(frozenset)
        options = {
            "deliver": deliver,
            "max_event_size": st.sampled_from([None, None, 0, 40, 200, 20_000]),
            "batch_rows": st.sampled_from([1, 3, 16384]),
        }
        return st.sampled_from(sorted(bodies)).flatmap(
            lambda framing: st.tuples(
                st.lists(_chunks(bodies[framing]), min_size=1, max_size=2),
                st.fixed_dictionaries({**options, "framing": st.just(framing)}),
            )
        )

    def _tables(self) -> st.SearchStrategy[Input]:
        generated = st.one_of(
            st.tuples(st.just("x.sse"), log_strategies.damaged(log_strategies.bodies())),
            st.tuples(st.just("x.jsonl"), log_strategies.damaged(log_strategies.line_bodies())),
            st.tuples(st.just("x.sse"), _other_apis("sse")),
            st.tuples(st.just("x.jsonl"), _other_apis("lines")),
        )
        recorded = st.sampled_from(sorted(self._logs)).flatmap(
            lambda name: st.tuples(st.just(name), changed([self._logs[name]]))
        )
        options = {
            "max_event_size": st.sampled_from([None, None, None, 200]),
            # Mostly that of the content; any other must do no harm.
            "format": st.one_of(st.none(), st.none(), st.sampled_from(FORMATS)),
        }
        pack = st.sampled_from([bytes, bytes, bytes, gzip.compress, bz2.compress])
        return st.builds(
            lambda drawn, pack, options: (drawn[0], pack(drawn[1]), options),
            st.one_of(generated, recorded),
            pack,
            st.fixed_dictionaries(options),
        )


def _other_apis(framing: str) -> st.SearchStrategy[bytes]:
    bodies = other_api_strategies.bodies(framing)
    return st.one_of(bodies, log_strategies.damaged(bodies))


@st.composite
def changed(draw: st.DrawFn, contents: list[bytes]) -> bytes:
    """A part of recorded bytes with a few changes."""
    content = contents[draw(st.integers(0, len(contents) - 1))]
    if draw(st.booleans()):
        start = draw(st.integers(0, max(len(content) - 1, 0)))
        content = content[start : start + draw(st.sampled_from([200, 3000, 70_000]))]
    content = content[:MOST]
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 8]))):
        at = draw(st.integers(0, len(content)))
        gap = draw(st.sampled_from([0, 1, 2, 40]))
        new = draw(
            st.one_of(
                st.sampled_from(_ODD_BYTES),
                st.binary(max_size=3),
                st.sampled_from(stream_strategies.FRAGMENTS),
                st.just(content[at : at + 300]),
            )
        )
        content = content[:at] + new + content[at + gap :]
    if draw(st.sampled_from([False, False, False, True])):
        eol = draw(st.sampled_from([b"\r\n", b"\r", b"\n\r"]))
        content = content.replace(b"\n", eol)
    return content


def _chunks(contents: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[bytes]]:
    return st.builds(stream_strategies.cut, contents, stream_strategies.places())


@st.composite
def _own_streams(draw: st.DrawFn, root: str) -> bytes:
    """Events of a user's own types, with changes now and then."""
    node = msgspec.inspect.type_info(family(str)[root])
    stream = b""
    for _ in range(draw(st.integers(1, 4))):
        rng = random.Random(draw(st.integers(0, 2**64)))
        writer = JsonWriter(rng, draw(st.sampled_from((0.0, 0.02, 0.1))))
        lines = writer.value(node).encode().split(b"\n")
        stream += b"".join(b"data: " + line + b"\n" for line in lines) + b"\n"
    return draw(st.one_of(st.just(stream), changed([stream])))


def _payloads() -> st.SearchStrategy[bytes]:
    pieces = [b'"', b"\\", b":", b" ", b"b64", b'"b64":', b"\n", b"\r", b"\x00", b"\xc3"]
    return st.one_of(
        stream_strategies.payloads().map(stream_strategies.expand),
        st.lists(st.sampled_from(pieces)).map(b"".join),
        st.binary(),
    )


def _almost_base64() -> st.SearchStrategy[bytes]:
    return st.one_of(
        st.binary(max_size=40),
        st.text("AQgwBz9+/==-_ \n", max_size=300).map(str.encode),
        st.text("AQgwBz9+/", max_size=300).map(str.encode),
    )


def _keys() -> st.SearchStrategy[frozenset[str] | None]:
    return st.sampled_from([stream_strategies.KEYS, None, frozenset(), frozenset({"", "b64"})])


def _eof() -> st.SearchStrategy[str]:
    return st.sampled_from(["discard", "dispatch"])


def _decoder_options() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "on_error": st.sampled_from(["yield", "yield", "skip", "raise"]),
            "max_event_size": st.sampled_from([None, None, 0, 60, 2000]),
            "eof": _eof(),
            "strict": st.booleans(),
        }
    )
