"""Many logs into an output folder, with several workers; an interrupted job resumes.

Names are imported when they are first used: jobs that write need pyarrow (`rapidsse[batch]`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from ..logs.outputs._output import OutputError
    from ._folder import FolderError
    from ._options import IMAGES, PART_FORMATS, TABLES, Images, JobOptions
    from ._outcome import Outcome, Totals
    from ._process import prepare_process
    from ._progress import Progress
    from ._run import run_job
    from ._workers import workers_are_left

__all__ = [
    "IMAGES",
    "PART_FORMATS",
    "TABLES",
    "FolderError",
    "Images",
    "JobOptions",
    "Outcome",
    "OutputError",
    "Progress",
    "Totals",
    "prepare_process",
    "run_job",
    "workers_are_left",
]

_MODULES = {
    "IMAGES": "_options",
    "PART_FORMATS": "_options",
    "TABLES": "_options",
    "FolderError": "_folder",
    "Images": "_options",
    "JobOptions": "_options",
    "Outcome": "_outcome",
    "OutputError": "_folder",
    "Progress": "_progress",
    "Totals": "_outcome",
    "prepare_process": "_process",
    "run_job": "_run",
    "workers_are_left": "_workers",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy(__name__, _MODULES)
