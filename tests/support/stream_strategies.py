"""Hypothesis strategies: streams that are nearly event streams, payloads that are nearly JSON,
and the cuts that make chunks of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from hypothesis import strategies as st

LINE_ENDS = [b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b"\r\r"]
FRAGMENTS = [
    b"data", b"data:", b"data: ", b"data:  ", b"data: x", b"data: {}", b"dat", b"datax", b"d",
    b"event", b"event:", b"event: ", b"event: e", b"even", b"id", b"id:", b"id: ", b"id: 7",
    b"i", b"retry", b"retry:", b"retry: 10", b"retry: 1_0", b"retry: +1", b"retry: \xd9\xa1",
    b"retry: 00000000000000000000000000000000000000000000000000000000000000000000000000000012",
    b"retry: 99999999999999999999", b":", b": comment", b"unknown: field", b"unknown",
    b" ", b"\0", b"\xef\xbb\xbf", b"\xef\xbb", b"\xef", b"\xe2\x82\xac", b"\xe2\x82", b"\xff",
    b"\xe2\x80\xa8", b"\xc2\x85", b"0", b"12", b"{", b"}", b"text",
    b"event: response.output_text.delta\ndata: {\"delta\":\"x\"}\n\n",
    b"event: a\ndata: {\"b\":1}\n\nevent: b\ndata: {}\ndata: x\n\nevent: c\n\ndata: [DONE]\n\n",
]  # fmt: skip


def streams() -> st.SearchStrategy[bytes]:
    """Streams of field names, values and line ends, whole and in pieces, and runs."""
    piece = st.one_of(
        st.sampled_from(LINE_ENDS),
        st.sampled_from(FRAGMENTS),
        st.binary(max_size=4),
    )
    return st.one_of(st.lists(piece, max_size=40).map(b"".join), runs(), runs())


@st.composite
def runs(draw: st.DrawFn) -> bytes:
    """Events that look alike, which engines read by shortcuts: the same name, and the same ends
    of the name's line, the data's line and the blank line, except for an odd one now and then."""
    line_end = st.sampled_from([b"\n", b"\n", b"\r\n", b"\r\n", b"\r"])
    after_name, after_data = draw(line_end), draw(line_end)
    name = draw(st.sampled_from([b"event: n", b"event: n", b"event: n", b"event:", b""]))
    value = st.sampled_from([b"", b"1", b"2", b'{"b64":"QUJD"}', b"[DONE]"])
    oddities = ["name", "value", "stray line", "after name", "after data", "after event"]
    oddity = st.sampled_from([*[None] * 48, *oddities])
    stray = st.sampled_from([b": c", b"id: 7", b"data: 3", b"data"])
    stream = b""
    for _ in range(draw(st.integers(3, 6))):
        odd = draw(oddity)
        if odd == "stray line":
            stream += draw(stray) + draw(line_end)
        line = draw(st.sampled_from([b"", b"event: m"])) if odd == "name" else name
        if line:
            stream += line + (draw(line_end) if odd == "after name" else after_name)
        stream += b"data: " + (b"x" * 1100 if odd == "value" else draw(value))
        stream += draw(line_end) if odd == "after data" else after_data
        stream += draw(line_end) if odd == "after event" else after_data
    return stream[: len(stream) - draw(st.sampled_from([0, 0, 1, 2, 3, 4]))]


def cut(stream: bytes, places: Iterable[int]) -> list[bytes]:
    """The stream, cut at these places (taken modulo its length)."""
    ends = sorted({place % (len(stream) + 1) for place in places} | {0, len(stream)})
    return [stream[start:end] for start, end in pairwise(ends)]


def cuts(stream: bytes, places: Iterable[int]) -> Iterator[list[bytes]]:
    """Chunks of the stream: cut at these places; if it is short, also at every place, both
    together and one at a time."""
    yield cut(stream, places)
    if len(stream) < 300:
        yield cut(stream, range(len(stream)))
        for place in range(1, len(stream)):
            yield [stream[:place], stream[place:]]


def places() -> st.SearchStrategy[list[int]]:
    """Where to `cut` a stream: often near its end, where a run may just have been read ahead."""
    return st.lists(st.one_of(st.integers(0, 2**16), st.integers(-12, -1)), max_size=12)


KEYS = frozenset({"b64", "result", "é"})


def _members(values: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    key = st.sampled_from(
        [b'"b64"', b'"result"', b'"other"', b'"\xc3\xa9"', b'"b\\u00364"', b'"b64\\"', b'""']
    )
    colon = st.sampled_from([b":", b" : ", b":\t", b" ", b"::"])
    member = st.tuples(key, colon, values).map(b"".join)
    comma = st.sampled_from([b",", b" , ", b"\n,", b""])
    return st.builds(
        lambda parts, sep: b"{" + sep.join(parts) + b"}", st.lists(member, max_size=4), comma
    )


# Placeholders keep failing examples readable; `expand` replaces them by strings of the lengths that
# engines treat differently.
_LONG = {
    b"<600>": b"A" * 600,
    b"<image>": b"QUJD" * 4096 + b"QQ==",
    b"<text>": b"some text, " * 1600,
    b"<escapes>": b"\\n" * 9000,
}


def expand(generated: bytes) -> bytes:
    for name, long in _LONG.items():
        generated = generated.replace(name, long)
    return generated


def payloads() -> st.SearchStrategy[bytes]:
    """JSON with the keys of `KEYS`, often malformed; to `expand`."""
    content = st.one_of(
        st.sampled_from([b"", b"QUJD", b"a b", b"\\/", b'\\"', b"\\\\", b"\\", b"\xc3\xa9"]),
        st.sampled_from([b"\x00", b"\x1f", b"\x7f", b"\t", b"\r", b"\n", b"\xff", b'"', b":"]),
        st.sampled_from(list(_LONG)),
    )
    string = st.lists(content, max_size=3).map(lambda parts: b'"' + b"".join(parts) + b'"')
    scalar = st.one_of(string, st.sampled_from([b"null", b"1", b"true", b'"', b"]"]))
    return st.recursive(
        scalar,
        lambda inner: st.one_of(
            _members(inner),
            st.lists(inner, max_size=3).map(lambda parts: b"[" + b",".join(parts) + b"]"),
        ),
        max_leaves=6,
    )


def payload_streams() -> st.SearchStrategy[bytes]:
    """Streams whose data is JSON or nearly so, in one line or in several; to `expand`."""
    name = st.sampled_from([b"", b"event: e\n", b": c\n", b"id: 1\n", b"event: e\r\n"])
    done = st.just(b" [DONE] ")
    end = st.sampled_from([b"\n\n", b"\r\n\r\n", b"\r\r", b"\n", b""])

    def block(name: bytes, payload: bytes, split: bool, end: bytes) -> bytes:
        if split:
            payload = payload.replace(b",", b",\ndata: ")
        return name + b"data: " + payload + end

    blocks = st.builds(block, name, st.one_of(payloads(), done), st.booleans(), end)
    return st.lists(blocks, max_size=5).map(b"".join)
