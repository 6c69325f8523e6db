"""`rapidsse.compat.install` and `uninstall`."""

from __future__ import annotations

import copy
import copyreg
import gc
import subprocess
import sys
import types
import weakref
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx
import httpx2
import httpx_sse
import pytest
import sseclient
from httpx_sse import EventSource as EventSourceFromBefore

import rapidsse.compat
from live_server import LiveServer, Scenario
from rapidsse.compat._libraries import _LIBRARIES, Library
from rapidsse.compat._seams import Seam
from swap_reading import installed, is_there

BOM = b"\xef\xbb\xbf"
THERE = [library for library in _LIBRARIES if is_there(library.package)]


@pytest.fixture(autouse=True)
def _uninstalled() -> Iterator[None]:
    yield
    rapidsse.compat.uninstall()


def source(cls: Any = httpx_sse.EventSource, http: Any = httpx) -> Any:
    """A source that the library reads wrongly: its first event has a BOM."""
    headers = {"Content-Type": "text/event-stream"}
    request = http.Request("GET", "http://localhost")
    return cls(http.Response(200, headers=headers, content=BOM + b"data: a\n\n", request=request))


def data(events: Any) -> list[str]:
    return [event.data for event in events]


# What is replaced ---------------------------------------------------------------------------------


def state(library: Library) -> dict[str, Any]:
    """Every attribute of the library's modules and of their classes."""
    found: dict[str, Any] = {}
    package = library.package.partition(".")[0]
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != package or module is None:
            continue
        for key, value in list(vars(module).items()):
            found[f"{name}.{key}"] = value
            # Not `isinstance`, which makes lazy modules load.
            if issubclass(type(value), type) and value.__module__.partition(".")[0] == package:
                found |= {f"{name}.{key}.{own}": item for own, item in vars(value).items()}
    return found


@pytest.mark.once
@pytest.mark.parametrize("library", THERE, ids=lambda library: library.package)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_uninstall_leaves_every_attribute_as_it_was(library: Library) -> None:
    import_module(library.package)
    # Twice: what is imported meanwhile is there then, and plays no part.
    rapidsse.compat.install(library.name)
    rapidsse.compat.uninstall(library.name)
    before = state(library)
    rapidsse.compat.install(library.name)
    during = state(library)
    rapidsse.compat.uninstall(library.name)
    after = state(library)
    changed = [key for key in before if during.get(key) is not before[key]]
    assert changed
    assert before.keys() == after.keys()
    assert [key for key in before if after[key] is not before[key]] == []


def test_a_module_stays_that_of_the_library() -> None:
    module = sys.modules["httpx_sse"]
    with installed("httpx_sse"):
        assert import_module("httpx_sse") is module
        assert module.__version__ == "0.4.3"
        assert import_module("httpx_sse._models").ServerSentEvent is httpx_sse.ServerSentEvent
        (event,) = source().iter_sse()
        assert isinstance(event, httpx_sse.ServerSentEvent)
        with pytest.raises(httpx_sse.SSEError):
            list(httpx_sse.EventSource(httpx.Response(200)).iter_sse())


def test_names_imported_before_and_objects_made_before_are_replaced() -> None:
    theirs = source(EventSourceFromBefore)
    assert data(source(EventSourceFromBefore).iter_sse()) == []
    with installed("httpx_sse"):
        assert data(theirs.iter_sse()) == ["a"]
        assert data(source(EventSourceFromBefore).iter_sse()) == ["a"]
    assert data(source(EventSourceFromBefore).iter_sse()) == []


def test_twice_is_harmless() -> None:
    rapidsse.compat.install("httpx_sse")
    rapidsse.compat.install("httpx_sse", "sseclient")
    rapidsse.compat.uninstall("httpx_sse")
    assert data(source().iter_sse()) == []
    assert sseclient.SSEClient.events.__module__ == "rapidsse.compat.sseclient"
    rapidsse.compat.uninstall()
    rapidsse.compat.uninstall()
    assert sseclient.SSEClient.events.__module__ == "sseclient"


def test_other_names_of_a_library() -> None:
    with installed("httpx-sse"):
        assert data(source().iter_sse()) == ["a"]


def test_a_limit_of_httpx2_that_is_not_the_default_holds() -> None:
    def read(limit: int | None) -> list[int]:
        response = httpx2.Response(
            200,
            headers={"Content-Type": "text/event-stream"},
            content=b"data: " + b"x" * 2**21 + b"\n\n",
            request=httpx2.Request("GET", "http://localhost"),
        )
        return [len(event.data) for event in httpx2.EventSource(response, limit)]

    with installed("httpx2"):
        assert read(None) == read(2**20) == read(2**22) == [2**21]
        with pytest.raises(httpx2.SSEError, match="exceeded the 1048575 byte limit") as caught:
            read(2**20 - 1)
    assert str(caught.value.request.url) == "http://localhost"


# What is not replaced -----------------------------------------------------------------------------


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match="no library 'requests' to install: use one of httpx2, "):
        rapidsse.compat.install("requests")


@pytest.mark.parametrize(
    ("name", "near"), [("opnai", "openai"), ("httpx-see", "httpx-sse"), ("Groq", "groq")]
)
def test_a_name_that_is_nearly_known(name: str, near: str) -> None:
    with pytest.raises(
        ValueError, match=rf"'{name}' to install \(did you mean {near}\?\): use one"
    ):
        rapidsse.compat.install(name)


def test_a_library_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sseclient", None)
    with pytest.raises(ImportError, match="sseclient"):
        rapidsse.compat.install("sseclient")


def other(self: Any, *, buffer: bool) -> Iterator[Any]:
    yield from ()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("iter_sse", other, r"httpx_sse._api.EventSource.iter_sse takes \(self, buffer\)"),
        ("iter_sse", None, "there is no httpx_sse._api.EventSource.iter_sse"),
        ("__init__", other, "EventSource does not set _response"),
    ],
)
def test_internals_that_are_not_known(
    monkeypatch: pytest.MonkeyPatch, name: str, value: Any, says: str
) -> None:
    if name == "__init__":
        # Which sets the response under another name, and so does everything that reads it.
        for method in ("response", "iter_sse", "aiter_sse", "_check_content_type"):
            monkeypatch.setattr(httpx_sse.EventSource, method, lambda self: None)
    monkeypatch.setattr(httpx_sse.EventSource, name, value)
    before = dict(vars(httpx_sse.EventSource))
    with pytest.warns(RuntimeWarning, match=says) as caught:
        rapidsse.compat.install("httpx_sse", "sseclient")
    (warning,) = caught
    assert warning.filename == __file__
    assert str(warning.message).startswith("httpx-sse 0.4.")
    assert str(warning.message).endswith("rapidsse works with httpx-sse 0.4.3")
    assert dict(vars(httpx_sse.EventSource)) == before
    # The others are replaced.
    assert sseclient.SSEClient.events.__module__ == "rapidsse.compat.sseclient"


def test_httpx2_before_it_had_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(self: Any, response: Any) -> None:
        pass

    monkeypatch.setattr(httpx2.EventSource, "__init__", init)
    with pytest.warns(RuntimeWarning, match="EventSource takes no max_event_size"):
        rapidsse.compat.install("httpx2")


def test_a_module_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in other versions of the library."""
    unknown = _LIBRARIES[0]._replace(module="no_such_module")
    monkeypatch.setattr("rapidsse.compat._libraries._LIBRARIES", (unknown,))
    with pytest.warns(RuntimeWarning, match="httpx2 2.* is left as it is: No module named"):
        rapidsse.compat.install("httpx2")


def test_what_others_have_replaced_since_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = httpx_sse.EventSource.iter_sse
    rapidsse.compat.install("httpx_sse")
    monkeypatch.setattr(httpx_sse.EventSource, "iter_sse", other)
    with pytest.warns(RuntimeWarning, match="EventSource.iter_sse is no longer that of rapidsse"):
        rapidsse.compat.uninstall("httpx_sse")
    assert httpx_sse.EventSource.iter_sse is other
    httpx_sse.EventSource.iter_sse = theirs  # type: ignore[method-assign]
    monkeypatch.undo()
    httpx_sse.EventSource.iter_sse = theirs  # type: ignore[method-assign]


def test_a_seam_without_a_signature() -> None:
    module = types.ModuleType("module")
    module.parse = 5  # type: ignore[attr-defined]
    with pytest.raises(Exception, match=r"module\.parse has no signature"):
        Seam(module, "parse", other, ("self",)).check()


# Without names ------------------------------------------------------------------------------------


def run(code: str) -> str:
    """What a fresh interpreter prints, in which a warning is an error."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


READ = """
import sys, rapidsse.compat
def read():
    import httpx_sse, httpx
    headers = {"Content-Type": "text/event-stream"}
    response = httpx.Response(200, headers=headers, content=b"\\xef\\xbb\\xbfdata: a\\n\\n")
    return [event.data for event in httpx_sse.EventSource(response).iter_sse()]
"""


def test_without_names_nothing_is_imported_before_its_time() -> None:
    code = """
before = set(sys.modules)
rapidsse.compat.install()
names = ("httpx", "httpx2", "httpx_sse", "sseclient", "openai", "anthropic", "litellm", "cohere")
print([name for name in names if name in sys.modules])
print(read(), sys.modules["httpx_sse"].__spec__.loader.__class__.__name__)
rapidsse.compat.uninstall()
print(read(), [finder for finder in sys.meta_path if "rapidsse" in type(finder).__module__])
import httpx2
print(httpx2.EventSource.__iter__.__module__)
"""
    assert run(READ + code).splitlines() == [
        "[]",
        "['a'] SourceFileLoader",
        "[] []",
        "httpx2._sse",
    ]


def test_without_names_what_was_imported_is_replaced() -> None:
    code = "import httpx_sse; rapidsse.compat.install(); print(read())"
    assert run(READ + code) == "['a']\n"


@pytest.mark.parametrize("name", ["", "httpx_sse"])
def test_modules_that_are_loaded_again(name: str) -> None:
    code = f"""
rapidsse.compat.install({name!r}) if {name!r} else rapidsse.compat.install()
print(read())
import httpx_sse, httpx_sse._api, importlib
before = httpx_sse.EventSource
for _ in range(2):
    importlib.reload(httpx_sse._api)
    importlib.reload(httpx_sse)
    print(read(), end=" ")
    rapidsse.compat.install({name!r}) if {name!r} else rapidsse.compat.install()
    print(read())
for module in [each for each in sys.modules if each.startswith("httpx_sse")]:
    del sys.modules[module]
rapidsse.compat.install({name!r}) if {name!r} else rapidsse.compat.install()
print(read())
rapidsse.compat.uninstall()
print(read(), before.iter_sse.__module__)
"""
    assert run(READ + code).splitlines() == [
        "['a']", "[] ['a']", "[] ['a']", "['a']", "[] httpx_sse._api"
    ]  # fmt: skip


def test_without_names_a_barred_library_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx_sse", None)
    rapidsse.compat.install()
    monkeypatch.undo()
    assert data(source().iter_sse()) == []


@pytest.mark.once
def test_without_names_all_libraries() -> None:
    names = [library.package for library in THERE]
    code = f"""
import importlib, os, warnings
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
from rapidsse.compat import _install
rapidsse.compat.install()
with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
    for name in {names!r}:
        importlib.import_module(name)
print(sorted(_install._installed), list(_install._awaited))
"""
    expected = sorted(names)
    assert run(READ + code) == f"{expected} []\n"


# Clients ------------------------------------------------------------------------------------------


CLIENTS = {"openai": "OpenAI", "anthropic": "Anthropic", "groq": "Groq"}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_is_as_it_was_after_uninstall(name: str, live_server: LiveServer) -> None:
    sdk = pytest.importorskip(name)
    client = getattr(sdk, CLIENTS[name])(
        api_key="none", base_url=live_server.add(Scenario(STREAMS[name]))
    )
    with client:
        theirs = read_stream(name, client)
        before = dict(vars(client))
        with installed(name):
            ours = read_stream(name, client)
            # A copy is accelerated by its own first stream.
            copied = client.with_options(timeout=5)
            assert "_make_sse_decoder" not in vars(copied)
            assert read_stream(name, copied) == theirs
            assert "_make_sse_decoder" in vars(copied)
            assert "_make_sse_decoder" in vars(client)
        assert ours == theirs
        assert [type(event) for event in ours] == [type(event) for event in theirs]
        assert dict(vars(client)) == before
        assert "_make_sse_decoder" not in vars(copied)
        assert read_stream(name, client) == theirs


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("is_gone", [False, True], ids=["open", "gone"])
def test_copies_are_as_they_were_after_uninstall(
    name: str, is_gone: bool, live_server: LiveServer
) -> None:
    """`copyreg` has what copies accelerated clients, as long as there are any."""
    # A class that no other test has accelerated a client of.
    sdk = pytest.importorskip(name)
    cls = type("Own", (getattr(sdk, CLIENTS[name]),), {})
    url = live_server.add(Scenario(STREAMS[name]))
    client, other = (cls(api_key="none", base_url=url) for _ in range(2))
    with installed(name):
        read_stream(name, client)
        # Which of its parts the collector ends first is not said, and its socket would warn.
        client.close()
        assert cls in copyreg.dispatch_table
        if is_gone:
            client = None
            gc.collect()
    assert cls not in copyreg.dispatch_table
    rapidsse.compat.accelerate(other)
    with installed(name), cls(api_key="none", base_url=url) as third:
        read_stream(name, third)
    assert cls in copyreg.dispatch_table
    assert copy.copy(other)._process_response_data.__self__ is not other


def test_install_does_not_keep_clients(live_server: LiveServer) -> None:
    import openai

    url = live_server.add(Scenario(STREAMS["openai"]))
    with installed("openai"):
        with openai.OpenAI(api_key="none", base_url=url) as client:
            read_stream("openai", client)
        reference = weakref.ref(client)
        del client
        gc.collect()
        assert reference() is None


def test_a_client_that_was_accelerated_by_hand_stays_so(live_server: LiveServer) -> None:
    import openai

    import rapidsse.compat.openai

    url = live_server.add(Scenario(STREAMS["openai"]))
    with openai.OpenAI(api_key="none", base_url=url) as client:
        rapidsse.compat.openai.accelerate(client)
        with installed("openai"):
            read_stream("openai", client)
        assert "_make_sse_decoder" in vars(client)


STREAMS = {
    "openai": b"""event: response.output_text.delta
data: {"type":"response.output_text.delta","delta":"a","content_index":0,"item_id":"i",\
"logprobs":[],"output_index":0,"sequence_number":1}

data: [DONE]

""",
    "groq": b"""data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",\
"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}

data: [DONE]

""",
    "anthropic": b"""event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}

event: message_stop
data: {"type":"message_stop"}

""",
}


def read_stream(name: str, client: Any) -> list[Any]:
    if name == "openai":
        return list(client.responses.create(model="none", input="none", stream=True))
    messages = [{"role": "user", "content": "none"}]
    if name == "groq":
        return list(client.chat.completions.create(model="m", messages=messages, stream=True))
    return list(client.messages.create(model="x", max_tokens=1, messages=messages, stream=True))
