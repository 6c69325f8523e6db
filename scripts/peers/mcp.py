"""mcp: the tests of its HTTP transports, which read streams with httpx2."""

from .suite import LeftOut, Suite

_HTTP = "tests/client/test_streamable_http.py"

SUITE = Suite(
    library="mcp",
    package="mcp",
    installed="httpx2",
    stand_in="rapidsse.compat.httpx2",
    methods=("_events", "_aevents"),
    home="httpx2._sse",
    theirs="_SSEParser",
    files=(
        "tests/client/test_http_unicode.py",
        _HTTP,
        "tests/interaction/transports/test_client_transport_http.py",
        "tests/interaction/transports/test_flows.py",
        "tests/interaction/transports/test_hosting_http.py",
        "tests/interaction/transports/test_hosting_http_modern.py",
        "tests/interaction/transports/test_hosting_resume.py",
        "tests/interaction/transports/test_legacy_wire.py",
        "tests/interaction/transports/test_sse.py",
        "tests/shared/test_sse.py",
        "tests/shared/test_streamable_http.py",
    ),
    extras=("cli",),
    requirements=(
        "blockbuster",
        "dirty-equals",
        "inline-snapshot",
        "logfire",
        "opentelemetry-sdk",
        "pillow",
        "pytest-examples",
        "trio",
    ),
    left_out=(
        LeftOut(
            "fixed",
            'an event over 1 MiB fails the session: the row "event above 1 MiB"',
            (
                f"{_HTTP}::test_default_sse_limit_fails_one_large_tool_call_and_keeps_the_session_usable",
            ),
        ),
    ),
    # As its configuration has it.
    plugins=("anyio", "examples"),
    # pytest-asyncio, which it does not use, warns if it is not set, and warnings are errors.
    settings=("asyncio_default_fixture_loop_scope=function",),
)
