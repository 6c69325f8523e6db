"""httpx-sse: all its tests except those of private functions."""

from .suite import LeftOut, Suite

SUITE = Suite(
    library="httpx-sse",
    package="httpx_sse",
    stand_in="rapidsse.compat.httpx_sse",
    reader="EventSource",
    methods=("iter_sse", "aiter_sse"),
    home="httpx_sse",
    files=("tests",),
    requirements=("httpx", "sse-starlette", "starlette"),
    left_out=(
        LeftOut("private", "httpx_sse._decoders", ("tests/test_decoders.py",)),
        LeftOut(
            "private",
            "httpx_sse._api._iter_sse_lines and _aiter_sse_lines",
            (
                "tests/test_api.py::test_iter_sse_lines_basic",
                "tests/test_api.py::test_iter_sse_lines_with_flush",
                "tests/test_api.py::test_aiter_sse_lines_with_flush",
            ),
        ),
    ),
)
