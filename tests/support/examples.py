"""How many examples a property test tries, and from which seed.

By default the seed is fixed, so that a run on unchanged sources never fails by chance. With
`pytest --deep` each run has a fresh seed and tries ten times as many examples, or more.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

__all__ = ["choose_profile", "examples"]

_DEEP = 10

# Shared machines are slow at times: no test is about time.
_SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("fixed", max_examples=30, derandomize=True, **_SLOW)
settings.register_profile("deep", max_examples=1000, print_blob=True, **_SLOW)


def choose_profile(*, deep: bool) -> None:
    """Chooses the profile of all property tests that are imported from here on."""
    settings.load_profile("deep" if deep else "fixed")


def examples(count: int, *, deep: int | None = None) -> int:
    """The examples of a test that tries `count` of them in an ordinary run.

    With `--deep` it tries `deep`, or ten times `count`.
    """
    if settings.default is settings.get_profile("fixed"):
        return count
    return count * _DEEP if deep is None else deep
