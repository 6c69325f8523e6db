"""Streams from a local server with frameworks that make their own clients.

    python tests/support/framework_streaming.py '[[FRAMEWORK, PLAIN, URL, ...], ...]'

prints one line of JSON for each framework: its name, what it delivers of the stream at PLAIN
without rapidsse, of each URL after `rapidsse.compat.install()`, and the error of the last URL after
`uninstall()`. In a process of its own: the frameworks keep their clients open.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import rapidsse.compat

MODEL = "gpt-5"


async def langchain(url: str) -> list[Any]:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model=MODEL, base_url=url, api_key="none", max_retries=0)
    chunks = [chunk async for chunk in model.astream("none")]
    return [chunk.content for chunk in chunks]


async def langchain_sync(url: str) -> list[Any]:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model=MODEL, base_url=url, api_key="none", max_retries=0)
    return [chunk.content for chunk in model.stream("none")]


async def langchain_responses(url: str) -> list[Any]:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(
        model=MODEL, base_url=url, api_key="none", max_retries=0, use_responses_api=True
    )
    return [chunk.text async for chunk in model.astream("none")]


async def agents_responses(url: str) -> list[Any]:
    import agents
    import openai

    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        model = agents.OpenAIResponsesModel(model=MODEL, openai_client=client)
        agent = agents.Agent(name="agent", model=model)
        quiet = agents.RunConfig(tracing_disabled=True)
        run = agents.Runner.run_streamed(agent, "none", run_config=quiet)
        events = [
            (event.data.type, getattr(event.data, "delta", None))
            async for event in run.stream_events()
            if event.type == "raw_response_event"
        ]
        return [*events, run.final_output]


async def pydantic_ai(url: str) -> list[Any]:
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    model = OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=url, api_key="none"))
    async with Agent(model).run_stream("none") as run:
        return [text async for text in run.stream_text(delta=True, debounce_by=None)]


async def pydantic_ai_responses(url: str) -> list[Any]:
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    model = OpenAIResponsesModel(MODEL, provider=OpenAIProvider(base_url=url, api_key="none"))
    async with Agent(model).run_stream("none") as run:
        return [text async for text in run.stream_text(delta=True, debounce_by=None)]


def parts_of(client: Any) -> Any:
    """What `instructor` makes of the parts of one answer."""
    import instructor
    from pydantic import BaseModel

    class Answer(BaseModel):
        text: str

    messages: Any = [{"role": "user", "content": "none"}]
    patched = instructor.from_openai(client, mode=instructor.Mode.JSON)
    return patched.chat.completions.create_partial(
        response_model=Answer, messages=messages, model=MODEL, max_retries=0
    )


async def instructor(url: str) -> list[Any]:
    import openai

    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        return [part.text async for part in parts_of(client)]


async def instructor_sync(url: str) -> list[Any]:
    import openai

    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        return [part.text for part in parts_of(client)]


FRAMEWORKS: dict[str, Callable[[str], Awaitable[list[Any]]]] = {
    "langchain-openai": langchain,
    "langchain-openai, sync": langchain_sync,
    "langchain-openai, Responses": langchain_responses,
    "openai-agents": agents_responses,
    "pydantic-ai": pydantic_ai,
    "pydantic-ai, Responses": pydantic_ai_responses,
    "instructor": instructor,
    "instructor, sync": instructor_sync,
}


async def streamed(name: str, plain: str, *urls: str) -> dict[str, Any]:
    stream = FRAMEWORKS[name]
    theirs = await stream(plain)
    rapidsse.compat.install()
    ours = [await stream(url) for url in urls]
    rapidsse.compat.uninstall()
    error = ""
    try:
        await stream(urls[-1])
    except Exception as caught:  # noqa: BLE001
        error = repr(caught)
    return {"name": name, "theirs": theirs, "ours": ours, "error": error}


if __name__ == "__main__":
    for arguments in json.loads(sys.argv[1]):
        print(json.dumps(asyncio.run(streamed(*arguments))))
