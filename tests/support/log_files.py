"""Event streams written as logs of each format and compression."""

from __future__ import annotations

import base64
import bz2
import gzip
import json
import lzma
import sys
from collections.abc import Callable
from typing import Any

import yaml

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

import rapidsse

__all__ = [
    "COMPRESS",
    "COMPRESSED",
    "WRITERS",
    "Event",
    "compress_zstd",
    "events_of",
    "har",
    "interactions",
]

Event = tuple[str, bytes]


def compress_zstd(data: bytes) -> bytes:
    return zstd.compress(data)


# By the names that `Log.compression` has for them. Each in two members or frames.
# At their lowest levels, which take the least time.
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda data: data,
    "gzip": lambda data: _halves(data, lambda half: gzip.compress(half, 1)),
    "zstd": lambda data: _halves(data, zstd.compress),
    "bzip2": lambda data: _halves(data, lambda half: bz2.compress(half, 1)),
    "xz": lambda data: _halves(data, lambda half: lzma.compress(half, preset=0)),
}
COMPRESSED = [name for name in COMPRESS if name != "none"]


def _halves(data: bytes, compress: Callable[[bytes], bytes]) -> bytes:
    middle = len(data) // 2
    return compress(data[:middle]) + compress(data[middle:])


def events_of(streams: list[bytes]) -> list[Event]:
    """Name and payload of each event, as `iter_sse` reads them; without the end marks."""
    found: list[Event] = []
    for stream in streams:
        for event in rapidsse.iter_sse(stream, eof="dispatch"):
            if event.data.strip() != "[DONE]":
                kind = event.json().get("type") or "message"
                name = event.event if event.event != "message" else kind
                found.append((name, bytes(event.data_bytes)))
    return found


def _sse(streams: list[bytes]) -> bytes:
    # A blank line ends what a recording left open.
    return b"\n\n".join(streams)


def _jsonl(streams: list[bytes]) -> bytes:
    return b"".join(payload + b"\n" for _, payload in events_of(streams))


def _records(streams: list[bytes]) -> bytes:
    records = [
        {"id": number, "request": {"prompt": "data: is it?"}, "response": {"body": text.decode()}}
        for number, text in enumerate(streams)
    ]
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def interactions(streams: list[bytes], body: Callable[[bytes], Any]) -> dict[str, Any]:
    """A cassette as vcrpy keeps it; `body` makes the response's."""
    return {
        "version": 1,
        "interactions": [
            {
                "request": {"body": '{"stream":true}', "headers": {}, "method": "POST"},
                "response": {
                    "body": body(stream),
                    "headers": {"Content-Type": ["text/event-stream; charset=utf-8"]},
                    "status": {"code": 200, "message": "OK"},
                },
            }
            for stream in streams
        ],
    }


def _vcr(streams: list[bytes]) -> bytes:
    cassette = interactions(streams, lambda stream: {"string": stream.decode()})
    return yaml.safe_dump(cassette).encode()


def _vcr_bytes(streams: list[bytes]) -> bytes:
    return yaml.safe_dump(interactions(streams, lambda stream: {"string": stream})).encode()


def _vcr_plural(streams: list[bytes]) -> bytes:
    cassette = {
        "requests": [{"body": b"{}", "headers": {"a": ["b"]}, "method": "POST"}] * len(streams),
        "responses": [
            {"body": {"string": gzip.compress(stream)}, "headers": {"Content-Encoding": ["gzip"]}}
            for stream in streams
        ],
    }
    return yaml.safe_dump(cassette).encode()


def _vcr_json(streams: list[bytes]) -> bytes:
    encoded = interactions(
        streams, lambda stream: {"base64_string": base64.b64encode(stream).decode()}
    )
    return json.dumps(encoded, indent=4).encode()


def har(contents: list[dict[str, Any]]) -> bytes:
    """A HAR of responses with these `content`s."""
    entries = [
        {"request": {"url": "http://localhost/"}, "response": {"status": 200, "content": content}}
        for content in contents
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=2).encode()


def _har(streams: list[bytes]) -> bytes:
    return har([{"mimeType": "text/event-stream", "text": text.decode()} for text in streams])


def _har_base64(streams: list[bytes]) -> bytes:
    return har(
        [
            {"mimeType": "", "text": base64.b64encode(stream).decode(), "encoding": "base64"}
            for stream in streams
        ]
    )


# Each with the name that `Log.format` has for it.
WRITERS: dict[str, tuple[str, Callable[[list[bytes]], bytes]]] = {
    "sse": ("sse", _sse),
    "jsonl": ("jsonl", _jsonl),
    "jsonl-body": ("jsonl-body", _records),
    "vcr": ("vcr", _vcr),
    "vcr-bytes": ("vcr", _vcr_bytes),
    "vcr-plural": ("vcr", _vcr_plural),
    "vcr-json": ("vcr", _vcr_json),
    "har": ("har", _har),
    "har-base64": ("har", _har_base64),
}
