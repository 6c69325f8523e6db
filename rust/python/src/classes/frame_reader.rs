//! `FrameReader`: frames as `ServerSentEvent` objects.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapidsse_core::frames::{Frame, Value, Whole};
use rapidsse_core::lines::AnyValue;

use crate::classes::event::{self, EventType, LastText, ServerSentEvent};
use crate::py::chunks::Chunk;
use crate::py::errors;
use crate::py::input::{Input, Step};
use crate::py::options::{Eof, MaxEventSize, Source};

/// Splits pushed chunks, or those of `source`, into events; iterate to take them.
#[pyclass(module = "rapidsse._rust")]
pub struct FrameReader {
    input: Input<AnyValue>,
    name: LastText,
    id: LastText,
    event_type: EventType,
}

#[pymethods]
impl FrameReader {
    #[new]
    #[pyo3(
        signature = (source=Source(None), *, max_event_size=MaxEventSize(None), eof=Eof::Discard, dataless=false, event_type=EventType(None)),
        text_signature = "(source=None, *, max_event_size=None, eof='discard', dataless=False, event_type=ServerSentEvent)"
    )]
    fn new(
        source: Source,
        max_event_size: MaxEventSize,
        eof: Eof,
        dataless: bool,
        event_type: EventType,
    ) -> Self {
        let mut input = Input::new(source, max_event_size, eof, AnyValue);
        if dataless {
            input.parser.dispatch_dataless();
        }
        FrameReader {
            input,
            name: LastText::default(),
            id: LastText::default(),
            event_type,
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event_type.0)?;
        self.input.traverse(&visit)
    }

    fn __clear__(&mut self) {
        self.input.clear();
    }

    fn push(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        self.input.push(chunk)
    }

    fn finish(&mut self) {
        self.input.close();
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Py<ServerSentEvent>>> {
        loop {
            return match self.input.next(py)? {
                Some(Step::Whole(whole)) => self.whole_event(py, whole).map(Some),
                Some(Step::Frame(frame) | Step::Unfinished(frame)) => {
                    self.event(py, frame).map(Some)
                }
                Some(Step::TooLarge(error)) => Err(PyErr::from_value(errors::event_too_large(
                    py,
                    error,
                    self.input.max_event_size,
                )?)),
                Some(Step::Cut(_)) => continue,
                None => Ok(None),
            };
        }
    }

    /// The last event id, as of the last blank line.
    #[getter]
    fn last_event_id<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        event::text(py, self.input.parser.last_event_id())
    }

    /// The value of the last valid `retry` line, in milliseconds.
    #[getter]
    fn retry(&self) -> Option<u64> {
        self.input.parser.retry()
    }

    /// The bytes held for an unfinished event.
    #[getter]
    fn pending(&self) -> usize {
        self.input.parser.pending()
    }
}

impl FrameReader {
    #[inline(always)]
    fn whole_event(&mut self, py: Python<'_>, whole: Whole) -> PyResult<Py<ServerSentEvent>> {
        let Some(chunk) = self.input.chunk(py) else {
            return self.event(py, whole.into());
        };
        let bytes = chunk.get().bytes(py);
        let is_named = !whole.event.is_empty();
        let name = self.name.of(py, event::event_name(&bytes[whole.event]));
        let id = self.id.of(py, self.input.parser.last_event_id());
        let chunk = chunk.clone().unbind();
        ServerSentEvent::of(name, chunk, whole.data, id, None)
            .with_lines(is_named, false)
            .into_object(py, &self.event_type)
    }

    #[cold]
    fn event(&mut self, py: Python<'_>, frame: Frame) -> PyResult<Py<ServerSentEvent>> {
        let current = self.input.chunk(py);
        let bytes = current.map_or(&[][..], |chunk| chunk.get().bytes(py));
        let name = frame.event.bytes(bytes);
        let is_named = !name.is_empty();
        let name = self.name.of(py, event::event_name(name));
        let id = self.id.of(py, self.input.parser.last_event_id());
        let (chunk, payload) = match (frame.data, current) {
            (Value::InChunk(range), Some(chunk)) => (chunk.clone().unbind(), range),
            (data, _) => {
                let data = match data {
                    Value::Owned(data) => data,
                    Value::InChunk(_) => Vec::new(),
                };
                let size = data.len();
                (Py::new(py, Chunk::joined(data))?, 0..size)
            }
        };
        ServerSentEvent::of(name, chunk, payload, id, frame.retry)
            .with_lines(is_named, frame.sets_id)
            .into_object(py, &self.event_type)
    }
}
