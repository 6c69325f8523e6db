"""The official `anthropic` SDK.

Left aside are the tests that never read a stream of events, and those of `tests/api_resources`,
which need a mock server of the whole API.
"""

from .suite import LeftOut, Suite

_BETA = "tests/lib/streaming/test_beta_messages.py"
_MESSAGES = "tests/lib/streaming/test_messages.py"
_SIGNED = "test_signed_request_without_propagation_keeps_a_valid_signature"

SUITE = Suite(
    library="anthropic",
    package="anthropic",
    stand_in="rapidsse.compat.anthropic",
    reader="SSEDecoder",
    methods=("iter_bytes", "aiter_bytes"),
    home="anthropic._streaming",
    files=(
        "tests/lib/_parse/test_beta_messages.py",
        "tests/lib/_parse/test_messages.py",
        "tests/lib/streaming",
        "tests/lib/test_bedrock_mantle.py",
        "tests/lib/test_refusal_fallback_streaming.py",
        "tests/lib/threads",
        "tests/lib/tools/test_open_telemetry.py",
        "tests/lib/tools/test_runner_eager_tools.py",
        "tests/lib/tools/test_runner_eager_toolsets.py",
        "tests/lib/tools/test_runners.py",
        "tests/lib/tools/toolsets/test_runner.py",
        "tests/test_open_telemetry.py",
        "tests/test_streaming.py",
    ),
    extras=("aiohttp", "bedrock"),
    requirements=(
        "respx",
        "inline-snapshot",
        "http-snapshot[httpx]",
        "dirty-equals",
        "opentelemetry-sdk",
        "time-machine",
    ),
    plugins=("tests._alias_httpx",),
    left_out=(
        LeftOut(
            "mended",
            'the last event is delivered without its blank line: the row "Stream: unterminated '
            'last event"; these expect the SDK to lose the message_stop that ends their recordings',
            (
                f"{_BETA}::TestSyncMessages::test_basic_response",
                f"{_BETA}::TestSyncMessages::test_tool_use",
                f"{_BETA}::TestSyncMessages::test_server_tool_use",
                f"{_BETA}::TestSyncMessages::test_compaction",
                f"{_BETA}::TestSyncMessages::test_fallback_relabels_model",
                f"{_BETA}::TestAsyncMessages::test_basic_response",
                f"{_BETA}::TestAsyncMessages::test_tool_use",
                f"{_BETA}::TestAsyncMessages::test_server_tool_use",
                f"{_BETA}::TestAsyncMessages::test_incomplete_response",
                f"{_BETA}::TestAsyncMessages::test_compaction",
                f"{_BETA}::TestAsyncMessages::test_fallback_relabels_model",
                f"{_MESSAGES}::TestSyncMessages::test_basic_response",
                f"{_MESSAGES}::TestSyncMessages::test_tool_use",
                f"{_MESSAGES}::TestSyncMessages::test_server_tool_use",
                f"{_MESSAGES}::TestAsyncMessages::test_basic_response",
                f"{_MESSAGES}::TestAsyncMessages::test_tool_use",
                f"{_MESSAGES}::TestAsyncMessages::test_server_tool_use",
            ),
        ),
        LeftOut(
            "same",
            "the newest botocore does not sign the header that they look for",
            (f"tests/test_open_telemetry.py::TestPropagationOption::{_SIGNED}",),
        ),
    ),
)
