"""What the events of a response tell about where the next one begins.

An id that differs is weak evidence: some servers make up one for each chunk, and some give every
response the same. What an answer does is stronger: its role comes once, and nothing but a
count of tokens comes after its end. Where answers have no roles, an id is all there is.
"""

from __future__ import annotations

from ..._apis import Api
from ..._limits import MAX_PARTS
from ._fields import Answer, Fields


class Evidence:
    """See the module."""

    __slots__ = (
        "_answers",
        "_has_finished",
        "_last_id",
        "_repeats_id",
        "_repeats_role",
        "changes_id",
    )

    def __init__(self) -> None:
        self._last_id: str | None = None
        # Whether an event had the id of the one before it, or another.
        self._repeats_id = self.changes_id = False
        # Whether an answer got its role again.
        self._repeats_role = False
        # The answers, and whether each has finished.
        self._answers: dict[int | None, bool] = {}
        self._has_finished = False

    @property
    def is_finished(self) -> bool:
        """Whether all has come: each answer that has begun is finished, or what is said of all of
        them."""
        numbered = (done for index, done in self._answers.items() if index is not None)
        return self._has_finished and (self._answers.get(None, False) or all(numbered))

    @property
    def _has_weak_ids(self) -> bool:
        """Ids have told nothing yet, or differ within the response."""
        return self.changes_id or not self._repeats_id

    def is_left_by(self, event: Fields, api: Api) -> bool:
        """Whether a chunk is the first of another response."""
        answers, id = event.answers, event.response_id
        is_empty = not any(
            any(answer.texts) or answer.has_content or not answer.goes_on for answer in answers
        )
        is_usage = event.has_usage and is_empty
        if id is None or self._last_id is None or id == self._last_id:
            return not is_usage and any(self._restarts(answer, api) for answer in answers)
        if is_usage and (self._has_weak_ids or not answers):
            return False
        if not answers:
            return not self._has_weak_ids
        if not api.roles:
            return True
        if self._has_finished:
            return not all(self._answers.get(answer.index) is False for answer in answers)
        if not self._has_weak_ids:
            return True
        return not self._repeats_role and any(answer.has_role for answer in answers)

    def _restarts(self, answer: Answer, api: Api) -> bool:
        is_first = answer.has_role or not api.roles
        return answer.goes_on and is_first and self._answers.get(answer.index, False)

    def add(self, event: Fields) -> None:
        """Takes in an event of the response."""
        if (id := event.response_id) is not None:
            if self._last_id is not None:
                self._repeats_id |= id == self._last_id
                self.changes_id |= id != self._last_id
            self._last_id = id
        for answer in event.answers:
            self._has_finished |= answer.is_finished
            known = self._answers.get(answer.index)
            if known is not None:
                self._repeats_role |= answer.has_role
                self._answers[answer.index] = known or answer.is_finished
            elif len(self._answers) < MAX_PARTS:
                self._answers[answer.index] = answer.is_finished
