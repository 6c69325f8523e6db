"""The libraries whose tests are run, and those that come without tests."""

from . import anthropic, family, httpx_sse, langgraph, mcp, openai
from .suite import Suite

__all__ = ["SUITES", "WITHOUT_TESTS"]

SUITES: dict[str, Suite] = {
    suite.library: suite
    for suite in (
        httpx_sse.SUITE,
        openai.SUITE,
        anthropic.SUITE,
        *family.SUITES,
        langgraph.SUITE,
        mcp.SUITE,
    )
}

# The runner looks whether this is still so.
WITHOUT_TESTS = (
    "sseclient-py",
    "perplexityai",
    "google-genai",
    "mistralai",
    "cohere",
    "langfuse",
    "a2a-sdk",
    "litellm",
    "httpx2",
)
