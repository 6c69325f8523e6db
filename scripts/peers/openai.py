"""The official `openai` SDK.

Omitted are the tests that never read an event stream: of WebSockets, of types, and those
of `tests/api_resources`, which need a mock server of the whole API.
"""

from .suite import LeftOut, Suite

_CHAT = "tests/lib/chat/test_completions_streaming.py"
_FRAMING = "tests/test_sse_framing.py"

SUITE = Suite(
    library="openai",
    package="openai",
    stand_in="rapidsse.compat.openai",
    reader="SSEDecoder",
    methods=("iter_bytes", "aiter_bytes"),
    home="openai._streaming",
    files=(
        "tests/lib/beta/agents/test_tools.py",
        _CHAT,
        "tests/lib/chat/test_content_filter.py",
        "tests/lib/chat/test_single_pass_tools.py",
        "tests/lib/chat/test_stream_moderation.py",
        "tests/lib/chat/test_tool_call_deltas.py",
        "tests/lib/responses/test_commentary_parsing.py",
        "tests/lib/responses/test_deferred_tools.py",
        "tests/lib/responses/test_lifecycle_replacements.py",
        "tests/lib/responses/test_null_content.py",
        "tests/lib/responses/test_null_output.py",
        "tests/lib/responses/test_null_output_items.py",
        "tests/lib/responses/test_responses.py",
        "tests/lib/streaming",
        "tests/lib/test_assistant_tool_call_deltas.py",
        "tests/lib/test_assistants_helper_contracts.py",
        "tests/lib/test_audio_response_format.py",
        "tests/lib/test_bedrock.py",
        "tests/lib/test_bedrock_runtime.py",
        "tests/lib/test_responses_tool_runner.py",
        "tests/lib/test_runner_eager_control.py",
        "tests/lib/test_runner_server_tools.py",
        "tests/lib/test_runner_typed_tools.py",
        "tests/lib/test_vertex_provider.py",
        "tests/test_agent_session_environment_reset.py",
        "tests/test_agents_budget_events.py",
        "tests/test_agents_error_events.py",
        "tests/test_httpx2.py",
        "tests/test_image_markup_upload.py",
        "tests/test_image_safety_identifier.py",
        "tests/test_large_payload_contract.py",
        _FRAMING,
        "tests/test_stream_mode.py",
        "tests/test_streaming.py",
    ),
    extras=("aiohttp", "bedrock", "vertex"),
    requirements=("inline-snapshot", "httpx", "trio"),
    # A stream that the garbage collector closes while a test imports httpx fails in the SDK.
    imports=("httpx",),
    # The same on httpx as on httpx2.
    variables=(("OPENAI_TEST_LEGACY_HTTPX", "1"),),
    left_out=(
        LeftOut(
            "private",
            "the SSEDecoder's _data and _last_event_id",
            (
                f"{_FRAMING}::test_unterminated_event",
                f"{_FRAMING}::test_ignored_lines_are_discarded_incrementally",
                f"{_FRAMING}::test_sync_interruption_closes_response",
                f"{_FRAMING}::test_async_interruption_closes_response",
                f"{_FRAMING}::test_cancellation_clears_partial_event_and_closes_response",
            ),
        ),
        LeftOut(
            "private",
            "_SSELineDecoder",
            (f"{_FRAMING}::test_partial_line_uses_mutable_buffer",),
        ),
        LeftOut(
            "fixed",
            'an event without data is dropped: the row "name without data"',
            (
                "tests/test_streaming.py::test_event_missing_data",
                "tests/test_streaming.py::test_multiple_events",
            ),
        ),
        LeftOut(
            "same",
            "the recorded answers (.inline-snapshot/external) are not in the source distribution",
            (
                f"{_CHAT}::test_parse_nothing",
                f"{_CHAT}::test_parse_pydantic_model",
                f"{_CHAT}::test_parse_pydantic_model_multiple_choices",
                f"{_CHAT}::test_parse_max_tokens_reached",
                f"{_CHAT}::test_parse_pydantic_model_refusal",
                f"{_CHAT}::test_content_logprobs_events",
                f"{_CHAT}::test_refusal_logprobs_events",
                f"{_CHAT}::test_parse_pydantic_tool",
                f"{_CHAT}::test_parse_multiple_pydantic_tools",
                f"{_CHAT}::test_parse_strict_tools",
                f"{_CHAT}::test_non_pydantic_response_format",
                f"{_CHAT}::test_allows_non_strict_tools_but_no_parsing",
                f"{_CHAT}::test_chat_completion_state_helper",
            ),
        ),
    ),
)
