"""`find_spans`: which strings of a payload can be read in place, on malformed JSON too."""

from __future__ import annotations

import pytest

from rapidsse._engine import find_spans

KEYS = frozenset({"b64", "é", ""})
LARGE = b"QUJD" * 100_000


def found(payload: bytes, keys: frozenset[str] | None = KEYS) -> list[bytes]:
    spans = find_spans(payload, keys)
    assert spans == sorted(spans)
    for start, end in spans:
        assert payload[start - 1 : start] == payload[end : end + 1] == b'"'
    return [payload[start:end] for start, end in spans]


CASES = [
    (b"", [], []),
    (b"null", [], []),
    (b'"QUJD"', [], [b"QUJD"]),
    (b'{"b64":"QUJD"}', [b"QUJD"], [b"QUJD"]),
    (b'{"b64" \t\r\n:\n\r\t "QUJD"}', [b"QUJD"], [b"QUJD"]),
    (b'{"b64":""}', [b""], [b""]),
    (b'{"":"x"}', [b"x"], [b"x"]),
    ('{"é":"x"}'.encode(), [b"x"], [b"x"]),
    (b'{"b6":"x","b644":"y"}', [], [b"x", b"y"]),
    (b'{"b64":null,"x":"y"}', [], [b"y"]),
    (b'{"b64":["x"]}', [], [b"x"]),
    (b'{"b64":{"x":"y"}}', [], [b"y"]),
    (b'{"x":{"b64":"y"},"b64":"z"}', [b"y", b"z"], [b"y", b"z"]),
    (b'{"b64":"x","b64":"y"}', [b"x", b"y"], [b"x", b"y"]),
    (b'["b64","x"]', [], [b"b64", b"x"]),
    (b'{"x":"b64","y":"z"}', [], [b"b64", b"z"]),
    # A key with an escape may be any key.
    (b'{"b\\u00364":"x"}', [b"x"], [b"x"]),
    (b'{"\\"":"x"}', [b"x"], [b"x"]),
    (b'{"\\\\":"x"}', [b"x"], [b"x"]),
    # Clean strings only.
    (b'{"b64":"a\\/b"}', [], []),
    (b'{"b64":"\\""}', [], []),
    (b'{"b64":"\\\\","b64":"x"}', [b"x"], [b"x"]),
    (b'{"b64":"\\\\\\"","b64":"x"}', [b"x"], [b"x"]),
    (b'{"b64":"\xc3\xa9"}', [], []),
    (b'{"b64":"\x7f ~!#[]"}', [b"\x7f ~!#[]"], [b"\x7f ~!#[]"]),
    (b'{"b64":"\x80"}', [], []),
    (b'{"b64":"\x1f"}', [], []),
    (b'{"b64":"\x00","b64":"x"}', [b"x"], [b"x"]),
    (b'{"b64":"a\tb"}', [], []),
    # A raw line end within a string ends the scan.
    (b'{"b64":"x","b64":"a\nb","b64":"y"}', [b"x"], [b"x"]),
    (b'{"b64":"x","b64":"a\rb","b64":"y"}', [b"x"], [b"x"]),
    (b'{"b64":"a\\\nb","b64":"y"}', [], []),
    (b'{"b64":"x",\n"b64":\r\n"y"}', [b"x", b"y"], [b"x", b"y"]),
    # Malformed JSON.
    (b'{"b64":"x', [], []),
    (b'{"b64":"x\\"', [], []),
    (b'{"b64":x"y"}', [], [b"y"]),
    (b'{"b64"::"y"}', [], [b"y"]),
    (b'{"b64":,"y"}', [], [b"y"]),
    (b'{"b64" "y"}', [], [b"b64", b"y"]),
    (b'"b64":"x":"y"', [b"x"], [b"x", b"y"]),
    (b'"x":"b64":"y"', [b"y"], [b"b64", b"y"]),
    (b'{"b64":"x""y"}', [b"x"], [b"x", b"y"]),
    (b'{"b64"\x0b:"x"}', [], [b"b64", b"x"]),
    (b'{"b64":\x0c"x"}', [], [b"x"]),
]


@pytest.mark.parametrize(("payload", "keyed", "every"), CASES)
def test_case(payload: bytes, keyed: list[bytes], every: list[bytes]) -> None:
    assert found(payload) == keyed
    assert found(payload, None) == every
    assert found(payload, frozenset()) == []


@pytest.mark.parametrize(("payload", "keyed", "every"), CASES)
def test_large_strings_around(payload: bytes, keyed: list[bytes], every: list[bytes]) -> None:
    before = b'{"b64":"' + LARGE + b'"}'
    assert found(before + payload) == [LARGE, *keyed]
    assert found(before + payload, None) == [LARGE, *every]


@pytest.mark.parametrize("bad", [b"\\n", b"\x00", b"\x1f", b"\xc3\xa9", b"\x80", b"\xff", b"\t"])
@pytest.mark.parametrize("size", [10, 511, 5000, 16384, 65536, 70_000, 400_001])
def test_one_bad_byte_anywhere(size: int, bad: bytes) -> None:
    for filler in (b"QUJDR0hJ", b"some text, "):
        text = (filler * (size // len(filler) + 1))[:size]
        assert found(b'{"b64":"' + text + b'","b64":"z"}') == [text, b"z"]
        for at in {0, 1, size // 2, 65_535 % size, 65_536 % size, size - 1, size}:
            payload = b'{"b64":"' + text[:at] + bad + text[at:] + b'","b64":"z"}'
            assert found(payload) == [b"z"]


@pytest.mark.parametrize("size", range(64))
def test_base64_of_every_length(size: int) -> None:
    for padding in (b"", b"=", b"==", b"===", b"=x"):
        text = b"Q" * (70_000 + size) + padding
        assert found(b'{"b64":"' + text + b'"}') == [text]
    text = b"Q" * size
    for tail in (b"", b"=", b"==", b"=Q", b"-_"):
        assert found(b'["b64" , {"b64":"' + text + tail + b'"}]') == [text + tail]


def test_line_end_in_a_large_string() -> None:
    for eol in (b"\r", b"\n"):
        for at in (0, 100, 65_536, len(LARGE)):
            payload = b'{"b64":"x","b64":"' + LARGE[:at] + eol + LARGE[at:] + b'","b64":"y"}'
            assert found(payload) == [b"x"]


def test_any_buffer() -> None:
    payload = b'{"b64":"' + LARGE + b'","x":"y"}'
    expected = find_spans(payload, KEYS)
    assert expected == [(8, 8 + len(LARGE))]
    assert find_spans(bytearray(payload), KEYS) == expected
    assert find_spans(memoryview(b"xx" + payload + b"xx")[2:-2], KEYS) == expected
    assert find_spans(payload, set(KEYS)) == expected
    with pytest.raises(TypeError, match=r"text.*encode|encode.*text"):
        find_spans("{}", KEYS)  # type: ignore[arg-type]


def test_without_pybase64(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pure engine's notion of clean must not hang on an optional library."""
    from rapidsse._pure import _spans, _strings

    monkeypatch.setattr(_strings, "fast_decoder", lambda: None)
    for text in (LARGE, LARGE + b"=", LARGE[:-1] + b"~", b"x y" * 30_000):
        payload = b'{"b64":"' + text + b'"}'
        assert _spans.find_spans(payload, KEYS) == [(8, 8 + len(text))]
    for bad in (b"\\/", b"\x00", b"\xc3\xa9", b"\x80"):
        for at in (0, 65_535, 65_536, 200_000, len(LARGE)):
            payload = b'{"b64":"' + LARGE[:at] + bad + LARGE[at:] + b'"}'
            assert _spans.find_spans(payload, KEYS) == []
