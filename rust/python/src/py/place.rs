//! Where the payload of an event lies.

use std::ops::Range;

use pyo3::prelude::*;
use rapidsse_core::frames::Value;
use rapidsse_core::input::Part;
use rapidsse_core::spans::Span;
use rapidsse_core::typed::Payload;

use crate::py::chunks::Chunk;
use crate::py::segments::Segments;

/// Where the payload of an event lies: in one chunk, or in several.
pub enum Place {
    Chunk(Py<Chunk>, Range<usize>),
    Segments(Py<Segments>),
}

impl Place {
    pub fn of(
        py: Python<'_>,
        payload: Payload,
        chunk: Option<&Py<Chunk>>,
        kept: &[Part<Py<Chunk>>],
    ) -> PyResult<Place> {
        Ok(match (payload, chunk) {
            (Payload::Piece(Value::InChunk(range)), Some(chunk)) => {
                Place::Chunk(chunk.clone_ref(py), range)
            }
            (Payload::Piece(payload), _) => {
                let joined = payload.into_owned(&[]);
                let range = 0..joined.len();
                Place::Chunk(Py::new(py, Chunk::joined(joined))?, range)
            }
            (Payload::Segments(joined, segments), _) => {
                let segments = Segments::of(py, joined, kept, &segments)?;
                Place::Segments(Py::new(py, segments)?)
            }
        })
    }

    pub fn clone_ref(&self, py: Python<'_>) -> Place {
        match self {
            Place::Chunk(chunk, range) => Place::Chunk(chunk.clone_ref(py), range.clone()),
            Place::Segments(segments) => Place::Segments(segments.clone_ref(py)),
        }
    }

    /// The payload: a view of its chunk, or `Segments`.
    pub fn whole<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Place::Chunk(chunk, range) => Chunk::view(chunk.bind(py), range.clone()),
            Place::Segments(segments) => Ok(segments.bind(py).clone().into_any()),
        }
    }

    /// What a span of the payload lies in: as [`Place::whole`].
    pub fn part<'py>(&self, py: Python<'py>, span: Span) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Place::Chunk(chunk, range) => {
                let part = range.start + span.start..range.start + span.end;
                Chunk::view(chunk.bind(py), part)
            }
            Place::Segments(segments) => Segments::part(segments.bind(py), span.start..span.end),
        }
    }
}
