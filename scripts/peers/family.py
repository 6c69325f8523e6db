"""The SDKs of the generator that `openai` and `anthropic` come from.

Omitted are the tests that never read an event stream, and those of `tests/api_resources`, which need
a mock server of the whole API.
"""

from .suite import LeftOut, Suite

_STREAMING = "tests/test_streaming.py"
_CHAT = "tests/lib/streaming/test_chat_completions_streaming.py"


def _suite(
    library: str,
    package: str,
    name: str,
    files: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    left_out: tuple[LeftOut, ...] = (),
) -> Suite:
    return Suite(
        library=library,
        package=package,
        installed=name,
        stand_in="rapidsse.compat._family",
        reader="_Decoder",
        methods=("iter_bytes", "aiter_bytes"),
        home=f"{package}._streaming",
        theirs="SSEDecoder",
        files=(_STREAMING, *files),
        extras=("aiohttp",),
        requirements=("respx", *needs),
        left_out=left_out,
    )


SUITES = (
    _suite("groq", "groq", "groq"),
    _suite("together", "together", "together"),
    _suite("cerebras-cloud-sdk", "cerebras.cloud.sdk", "cerebras"),
    _suite("fireworks-ai", "fireworks", "fireworks"),
    _suite(
        "writer-sdk",
        "writerai",
        "writerai",
        (_CHAT,),
        ("inline-snapshot", "rich"),
        (
            LeftOut(
                "same",
                "the recorded answers (.inline-snapshot/external) are not in the source distribution",
                (
                    f"{_CHAT}::test_parse_nothing",
                    f"{_CHAT}::test_content_logprobs_events",
                    f"{_CHAT}::test_refusal_logprobs_events",
                    f"{_CHAT}::test_parse_pydantic_tool",
                    f"{_CHAT}::test_parse_multiple_pydantic_tools",
                    f"{_CHAT}::test_non_pydantic_response_format",
                    f"{_CHAT}::test_allows_non_strict_tools_but_no_parsing",
                ),
            ),
        ),
    ),
)
