"""The official `anthropic` SDK.

Omitted are the tests that never read an event stream, and those of `tests/api_resources`,
which need a mock server of the whole API.
"""

from .suite import LeftOut, Suite

_FALLBACK = "tests/lib/test_refusal_fallback_streaming.py"
_RAW = "test_pass_through_preserves_sse_fields_beyond_event_and_data"
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
        _FALLBACK,
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
            "limit",
            'the `raw` of an event is empty: the row "raw"; an accelerated client reads raw_events() '
            "with the SDK's own decoder",
            (f"{_FALLBACK}::TestEdgeCases::{_RAW}",),
        ),
        LeftOut(
            "same",
            "the newest botocore does not sign the header that they look for",
            (f"tests/test_open_telemetry.py::TestPropagationOption::{_SIGNED}",),
        ),
    ),
)
