"""A problem of a log, and the checks of one stream that need its payloads: whether the deltas
give the final text, and whether each partial image has a final one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..._api_events import api_of, id_in, image_of, type_of
from ..._apis import (
    APIS,
    CONTENT_INDEX,
    ENDS,
    ERROR_FIELD,
    FINAL_TEXTS,
    ITEM,
    ITEM_ID,
    OUTPUT,
    OUTPUT_INDEX,
    RESPONSES,
    SEQUENCE_NUMBER,
    Api,
)
from ..._limits import MAX_PARTS, MAX_TEXT
from ..._values import integer, members, parts, string
from .._short_ids import shortened
from ..tables._responses import error_in

if TYPE_CHECKING:
    from ..._engine import Text

__all__ = ["Problem", "StreamChecks"]

MAX_ERROR = 200
NAMED = 10
EXCERPT = 24

_TEXTS = {kind for api in APIS for kind in api.response.output.text}
_COMPLETED = {api.ends[0] for api in APIS if api.ends}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a log.

    `stream` and `offset` are byte offsets in the log's content: those of the stream and of the
    event, where the problem is about one. `kind` is

    - `gap`, `duplicate`: sequence numbers that never came, or came again
    - `no_end`: a stream without its last event, or one that an error ended
    - `interleaved`: the rest of a response whose other events are in the streams before
    - `error`: an error where no response is
    - `text`: deltas that disagree with the final text
    - `image`: partial images without a final one
    - `json`, `utf8`, `schema`, `depth`, `truncated`, `too_large`: an event that did not decode
    - `record`, `encoding`: a record of the log that holds no readable body
    - `no_events`: a log in which there is no event at all, or none but pings
    - `no_response`: a log of which no event is of a known API, unless its format was given
    - `input`: a log that cannot be read, or not to its end
    """

    source: str
    stream: int | None
    offset: int | None
    response_id: str | None
    kind: str
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)


class StreamChecks:
    """What one stream says of its texts and images, and of an error."""

    def __init__(self, stream: int) -> None:
        self.stream = stream
        self.response_id: str | None = None
        self.error: str | None = None
        # By the part of the output, the texts said to be final, and by which event first.
        self._finals: dict[tuple[int, int], dict[str, str]] = {}
        # Those of the whole output at the end: the part, the text, the event.
        self._listed: list[tuple[tuple[int, int], str, str]] = []
        self._final_size = 0
        self._is_cut = False
        self._is_numbered = False
        # The event that says that all went well, if it lists the texts.
        self._texts_listed = ""
        self._partials: dict[str, int] = {}
        self._pictures: set[str] = set()
        self._not_compared = 0

    def add(self, value: dict[str, Any], name: str = "") -> None:
        """An event that has a response, a final text, an image or an error; `name` is its own."""
        type, api = type_of(value, name), api_of(value, name)
        self._is_numbered |= SEQUENCE_NUMBER in value
        for member in RESPONSES:
            self._response(type, members(value.get(member)))
        if type in FINAL_TEXTS:
            self._final(type, value.get(OUTPUT_INDEX), value.get(CONTENT_INDEX), value)
        elif api is not None and api.chunks:
            self.response_id = self.response_id or string(id_in(value, api.response.ids))
        paths = ((ERROR_FIELD,),) if api is None else api.event_errors
        if (error := error_in(value, type, paths)) is not None:
            self.error = (error.message or "")[:MAX_ERROR]
        if api is not None:
            self._image(type, value, api)
        self._item(members(value.get(ITEM)))

    def texts(self, deltas: Sequence[Text], whole: bool, *, is_alone: bool) -> Iterator[str]:
        """What is wrong with the deltas, which are joined for each part of the output. `is_alone`:
        the stream has one event."""
        if not whole or self._is_cut:
            yield (
                f"not compared: the text is longer than {MAX_TEXT >> 20} MiB, or has more than "
                f"{MAX_PARTS:,} parts"
            )
            return
        if is_alone and not self._is_numbered:
            # A response that was never streamed, such as the output of a batch.
            return
        joined = {(each.number, each.part): each.text for each in deltas}
        if self._are_listed(joined):
            self._texts_listed = ""
        else:
            for part, final, event in self._listed:
                self._finals.setdefault(part, {}).setdefault(final, event)
        self._join_parts(joined)
        for part, finals in self._finals.items():
            streamed = joined.pop(part, "")
            for final, event in finals.items():
                if streamed != final:
                    yield f"{_part(*part)}: {_difference(streamed, final, event)}"
        # An end that lists no text, as some servers send it, says nothing about the deltas.
        if self._texts_listed:
            for part in joined:
                yield f"{_part(*part)}: has deltas, but {self._texts_listed} has no such text"

    def _are_listed(self, deltas: dict[tuple[int, int], str]) -> bool:
        """Whether the end lists the texts of the deltas, in their order: some servers leave out
        other items there, so that the numbers of these differ."""
        listed = [(part[1], final) for part, final, _ in sorted(self._listed) if final]
        return listed == [(part[1], text) for part, text in sorted(deltas.items()) if text]

    def _join_parts(self, deltas: dict[tuple[int, int], str]) -> None:
        """Joins the parts of an output whose final text is one: some servers count the deltas
        where the API counts parts."""
        finals = _by_output(self._finals)
        for output, deltas_of in _by_output(sorted(deltas)).items():
            final = finals.get(output, [])
            if len(deltas_of) > 1 and len(final) == 1 and final[0][1] == deltas_of[0][1]:
                whole = "".join(deltas[part] for part in deltas_of)
                if list(self._finals[final[0]]) == [whole]:
                    for part in deltas_of:
                        del deltas[part]
                    deltas[final[0]] = whole

    def images(self) -> Iterator[str]:
        """The images of which only partial ones came."""
        left = {item: count for item, count in self._partials.items() if item not in self._pictures}
        for item, count in list(left.items())[:NAMED]:
            name = f"item {item}" if item else "an image"
            yield f"{name}: {count} partial image{'s' if count > 1 else ''}, no final one"
        if len(left) > NAMED:
            yield f"and {len(left) - NAMED} further items without a final image"
        if self._not_compared:
            yield (
                f"not compared: {self._not_compared:,} partial images, "
                f"of more than {MAX_PARTS:,} items"
            )

    def _response(self, type: str, response: dict[str, Any]) -> None:
        self.response_id = string(response.get("id")) or self.response_id
        for output, each in enumerate(parts(response.get(OUTPUT))):
            item = members(each)
            self._item(item)
            if type in ENDS:
                for content, part in enumerate(parts(item.get("content"))):
                    if string(members(part).get("type")) in _TEXTS:
                        self._final(type, output, content, part, is_listed=True)
                        self._texts_listed = type if type in _COMPLETED else ""

    def _final(
        self,
        event: str,
        output: Any,
        content: Any,
        part: dict[str, Any],
        *,
        is_listed: bool = False,
    ) -> None:
        final = string(part.get("text"))
        if final is not None:
            self._final_size += len(final)
            where = integer(output) or 0, integer(content) or 0
            is_known = where in self._finals
            count = len(self._finals) + len(self._listed)
            if self._final_size > MAX_TEXT or not (is_known or count < MAX_PARTS):
                self._is_cut = True
            elif is_listed:
                self._listed.append((where, final, event))
            else:
                self._finals.setdefault(where, {}).setdefault(final, event)

    def _image(self, type: str, value: dict[str, Any], api: Api) -> None:
        images = api.images
        if type in images.partial:
            # Where images are no items, a stream has one.
            item = _name(value.get(ITEM_ID)) if images.item else ""
            if item in self._partials or len(self._partials) < MAX_PARTS:
                self._partials[item] = self._partials.get(item, 0) + 1
            else:
                self._not_compared += 1
        elif any(value.get(field) for field in images.fields):
            self._pictures.add("")

    def _item(self, item: dict[str, Any]) -> None:
        # Without partial images there is nothing to compare.
        if self._partials and image_of(item) and (name := _name(item.get("id"))) in self._partials:
            self._pictures.add(name)


def _name(id: Any) -> str:
    """The id of an item, shortened: a log may hold ids of any length."""
    return shortened(id) if isinstance(id, str) else ""


def _by_output(parts: Iterable[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    outputs: dict[int, list[tuple[int, int]]] = {}
    for part in parts:
        outputs.setdefault(part[0], []).append(part)
    return outputs


def _part(output: int, content: int) -> str:
    return f"output {output}, content {content}"


def _difference(streamed: str, final: str, event: str) -> str:
    if not streamed:
        return f"no deltas, but {event} has {len(final):,} characters"
    low, high = 0, min(len(streamed), len(final))
    while low < high:  # the longest common beginning, by halves
        middle = (low + high + 1) // 2
        if streamed[:middle] == final[:middle]:
            low = middle
        else:
            high = middle - 1
    return (
        f"the deltas give {len(streamed):,} characters, {event} has {len(final):,}; from character "
        f"{low:,} on {_excerpt(streamed, low)} against {_excerpt(final, low)}"
    )


def _excerpt(text: str, at: int) -> str:
    if at == len(text):
        return "nothing"
    return repr(text[at : at + EXCERPT]) + ("..." if len(text) > at + EXCERPT else "")
