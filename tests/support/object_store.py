"""A server with the interface of S3 on a free loopback port, which records its requests.

    with ObjectStore() as store, store.environment():
        url = store.put("a.sse", content)  # s3://logs-1/a.sse
        rapidsse.scan(url)

`environment` sets what clients read their address and keys from; processes that are started in
it inherit it. In tests, take the fixture `object_store` of `test_remote_splits.py`.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

import pytest

__all__ = ["ObjectStore", "Request"]

_numbers = itertools.count(1)


class Request(NamedTuple):
    method: str
    path: str
    query: str
    start: int | None
    """The first byte that was asked for, where a part of an object was."""
    sent: int
    """Bytes of the answer's body, as it announced them."""


class ObjectStore:
    """One bucket, kept in this process; what it is asked comes over the network."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        self.bucket = f"logs-{next(_numbers)}"
        self.requests: list[Request] = []
        self._server: Any = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._server.start()
        self._server._server.app = self._counted(self._server._server.app)
        host, port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        self._backend.create_bucket(self.bucket, "us-east-1")

    @property
    def _backend(self) -> Any:
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def url(self, key: str = "") -> str:
        return f"s3://{self.bucket}/{key}"

    def put(self, key: str, content: bytes) -> str:
        """Keeps an object; its URL. No request is counted."""
        self._backend.put_object(self.bucket, key, content)
        return self.url(key)

    def delete(self, keys: Iterable[str] | None = None) -> None:
        """Drops these objects, or all."""
        held = self._backend.get_bucket(self.bucket).keys
        for key in list(held.keys()) if keys is None else keys:
            self._backend.delete_object(self.bucket, key)

    def asked(self) -> list[Request]:
        """The requests since the last call."""
        asked, self.requests = self.requests, []
        return asked

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Clients of S3 come here, in this process and in those that it starts."""
        settings = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "of-a-test",
            "AWS_SECRET_ACCESS_KEY": "of-a-test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "FSSPEC_S3_ENDPOINT_URL"):
                patch.delenv(name, raising=False)
            _forget_clients()
            try:
                yield
            finally:
                _forget_clients()

    def close(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _counted(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def counting(environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            def counted(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                length = next((v for n, v in headers if n.lower() == "content-length"), "0")
                method = environ["REQUEST_METHOD"]
                sent = 0 if method == "HEAD" else int(length)
                part = re.match(r"bytes=(\d+)-", environ.get("HTTP_RANGE", ""))
                asked = Request(
                    method,
                    environ["PATH_INFO"],
                    environ["QUERY_STRING"],
                    None if part is None else int(part[1]),
                    sent,
                )
                self.requests.append(asked)
                return start(status, headers, *rest)

            return app(environ, counted)

        return counting


def _forget_clients() -> None:
    # fsspec keeps them, with the address that they had.
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
