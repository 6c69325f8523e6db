"""sseclient-py: the description for a source distribution that has tests. None has so far."""

from .suite import Suite

SUITE = Suite(
    library="sseclient-py",
    package="sseclient",
    stand_in="rapidsse.compat.sseclient",
    reader="SSEClient",
    methods=("events",),
    home="sseclient",
    files=("tests",),
)
