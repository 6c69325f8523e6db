"""langgraph-sdk: its clients' tests of streams.

Omitted are those of `tests/streaming` that feed its own classes with events, and those of WebSockets.
"""

from .suite import LeftOut, Suite

_CLIENT = "tests/test_client_stream.py"

SUITE = Suite(
    library="langgraph-sdk",
    package="langgraph_sdk",
    installed="langgraph",
    stand_in="rapidsse.compat.langgraph",
    # Made once for each stream.
    methods=("FrameReader",),
    files=(
        "tests/streaming/test_transport_http.py",
        "tests/streaming/test_sync_transport_http.py",
        "tests/streaming/test_thread_stream.py",
        "tests/streaming/test_sync_thread_stream.py",
        _CLIENT,
        "tests/test_runs_client.py",
    ),
    requirements=("pytest-mock", "starlette", "langgraph", "pydantic"),
    left_out=(
        LeftOut(
            "private",
            "what a BytesLineDecoder returns: here it is whole events",
            (f"{_CLIENT}::test_cr_lines_are_emitted_without_waiting_for_another_chunk",),
        ),
    ),
)
