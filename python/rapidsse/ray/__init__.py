"""The tables of logs as Ray Datasets: `read_sse`. Needs `rapidsse[ray]`."""

from ._read import SSEDatasource, read_sse

__all__ = ["SSEDatasource", "read_sse"]
