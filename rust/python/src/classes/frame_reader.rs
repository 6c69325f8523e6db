//! `FrameReader`: frames as `ServerSentEvent` objects.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapidsse_core::events::{EventStream, Next};
use rapidsse_core::frames::{Frame, Value, Whole, event_name};

use crate::classes::event::ServerSentEvent;
use crate::classes::event_type::EventType;
use crate::py::chunks::Chunk;
use crate::py::errors::{self, unused};
use crate::py::input::Input;
use crate::py::options::{Eof, MaxEventSize, Source};
use crate::py::text::{self, LastText};

/// Splits pushed chunks, or those of `source`, into events; iterate to take them.
#[pyclass(module = "rapidsse._rust")]
pub struct FrameReader {
    stream: EventStream,
    input: Input,
    max_event_size: MaxEventSize,
    name: LastText,
    id: LastText,
    event_type: EventType,
}

#[pymethods]
impl FrameReader {
    #[new]
    #[pyo3(
        signature = (source=Source(None), *, max_event_size=MaxEventSize(None), eof=Eof::DISCARD, dataless=false, event_type=EventType(None)),
        text_signature = "(source=None, *, max_event_size=None, eof='discard', dataless=False, event_type=ServerSentEvent)"
    )]
    fn new(
        source: Source,
        max_event_size: MaxEventSize,
        eof: Eof,
        dataless: bool,
        event_type: EventType,
    ) -> Self {
        FrameReader {
            stream: EventStream::new(max_event_size.0, eof.0, dataless),
            input: Input::new(source),
            max_event_size,
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

    fn push(slf: &Bound<'_, Self>, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        unused(slf)?.input.push(chunk)
    }

    fn finish(slf: &Bound<'_, Self>) -> PyResult<()> {
        unused(slf)?.input.chunks.close();
        Ok(())
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Option<Py<ServerSentEvent>>> {
        unused(slf)?.next(slf.py())
    }

    /// The last event id, as of the last blank line.
    #[getter]
    fn last_event_id<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyString>> {
        let id = unused(slf)?;
        Ok(text::text(slf.py(), id.stream.parser().last_event_id()))
    }

    /// The value of the last valid `retry` line, in milliseconds.
    #[getter]
    fn retry(slf: &Bound<'_, Self>) -> PyResult<Option<u64>> {
        Ok(unused(slf)?.stream.parser().retry())
    }

    /// The bytes held for an unfinished event.
    #[getter]
    fn pending(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Ok(unused(slf)?.stream.parser().pending())
    }
}

impl FrameReader {
    #[inline(always)]
    fn next(&mut self, py: Python<'_>) -> PyResult<Option<Py<ServerSentEvent>>> {
        let (chunks, mut pull) = self.input.parts(py);
        match self.stream.next(chunks, &mut pull)? {
            Some(Next::Whole(whole)) => self.whole_event(py, whole).map(Some),
            Some(Next::Frame(frame)) => self.event(py, frame).map(Some),
            Some(Next::TooLarge(error, index)) => Err(PyErr::from_value(errors::event_too_large(
                py,
                error,
                index,
                self.max_event_size.0,
            )?)),
            None => Ok(None),
        }
    }

    #[inline(always)]
    fn whole_event(&mut self, py: Python<'_>, whole: Whole) -> PyResult<Py<ServerSentEvent>> {
        let Some(chunk) = self.input.chunks.chunk() else {
            return self.event(py, whole.into());
        };
        let bytes = chunk.get().bytes(py);
        let is_named = !whole.event.is_empty();
        let name = self.name.of(py, event_name(&bytes[whole.event]));
        let id = self.id.of(py, self.stream.parser().last_event_id());
        let event = ServerSentEvent::of(name, chunk.clone_ref(py), whole.data, id, None);
        self.event_type
            .instance(py, event.with_lines(is_named, false))
    }

    #[cold]
    fn event(&mut self, py: Python<'_>, frame: Frame) -> PyResult<Py<ServerSentEvent>> {
        let current = self.input.chunks.chunk();
        let bytes = current.map_or(&[][..], |chunk| chunk.get().bytes(py));
        let name = frame.event.bytes(bytes);
        let is_named = !name.is_empty();
        let name = self.name.of(py, event_name(name));
        let id = self.id.of(py, self.stream.parser().last_event_id());
        let (chunk, payload) = match (frame.data, current) {
            (Value::InChunk(range), Some(chunk)) => (chunk.clone_ref(py), range),
            (data, _) => {
                let data = data.into_owned(bytes);
                let size = data.len();
                (Py::new(py, Chunk::joined(data))?, 0..size)
            }
        };
        let event = ServerSentEvent::of(name, chunk, payload, id, frame.retry);
        self.event_type
            .instance(py, event.with_lines(is_named, frame.sets_id))
    }
}
