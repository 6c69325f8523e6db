//! `FrameReader`: frames as `ServerSentEvent` objects.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapidsse_core::frames::{Frame, Value, Whole};
use rapidsse_core::lines::AnyValue;
use rapidsse_core::stream::{Step, Stream};

use crate::classes::event::ServerSentEvent;
use crate::classes::event_type::EventType;
use crate::py::chunks::Chunk;
use crate::py::errors;
use crate::py::input::{Arrival, Input};
use crate::py::options::{Eof, MaxEventSize, Source};
use crate::py::text::{self, LastText};

/// Splits pushed chunks, or those of `source`, into events; iterate to take them.
#[pyclass(module = "rapidsse._rust")]
pub struct FrameReader {
    stream: Stream<AnyValue>,
    input: Input,
    max_event_size: Option<usize>,
    /// How many events came so far.
    index: u64,
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
        let mut stream = Stream::new(max_event_size.0, eof.0, AnyValue);
        if dataless {
            stream.parser.dispatch_dataless();
        }
        FrameReader {
            stream,
            input: Input::new(source),
            max_event_size: max_event_size.0,
            index: 0,
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
            let step = match self.input.chunk(py) {
                Some(chunk) => self.stream.next(chunk.get().bytes(py)),
                None => None,
            };
            let step = match step {
                Some(step) => step,
                None => match self.input.advance(py)? {
                    Arrival::Chunk => continue,
                    Arrival::Nothing => return Ok(None),
                    Arrival::End => match self.stream.finish() {
                        Some(step) => step,
                        None => return Ok(None),
                    },
                },
            };
            return match step {
                Step::Whole(whole) => self.whole_event(py, whole).map(Some),
                Step::Frame(frame) | Step::Unfinished(frame) => self.event(py, frame).map(Some),
                Step::TooLarge(error) => {
                    self.index += 1;
                    let index = self.index - 1;
                    let error = errors::event_too_large(py, error, index, self.max_event_size)?;
                    Err(PyErr::from_value(error))
                }
                Step::Cut(_) => continue,
            };
        }
    }

    /// The last event id, as of the last blank line.
    #[getter]
    fn last_event_id<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        text::text(py, self.stream.parser.last_event_id())
    }

    /// The value of the last valid `retry` line, in milliseconds.
    #[getter]
    fn retry(&self) -> Option<u64> {
        self.stream.parser.retry()
    }

    /// The bytes held for an unfinished event.
    #[getter]
    fn pending(&self) -> usize {
        self.stream.parser.pending()
    }
}

impl FrameReader {
    #[inline(always)]
    fn whole_event(&mut self, py: Python<'_>, whole: Whole) -> PyResult<Py<ServerSentEvent>> {
        let Some(chunk) = self.input.chunk(py) else {
            return self.event(py, whole.into());
        };
        self.index += 1;
        let bytes = chunk.get().bytes(py);
        let is_named = !whole.event.is_empty();
        let name = self.name.of(py, text::event_name(&bytes[whole.event]));
        let id = self.id.of(py, self.stream.parser.last_event_id());
        let chunk = chunk.clone().unbind();
        ServerSentEvent::of(name, chunk, whole.data, id, None)
            .with_lines(is_named, false)
            .into_object(py, &self.event_type)
    }

    #[cold]
    fn event(&mut self, py: Python<'_>, frame: Frame) -> PyResult<Py<ServerSentEvent>> {
        self.index += 1;
        let current = self.input.chunk(py);
        let bytes = current.map_or(&[][..], |chunk| chunk.get().bytes(py));
        let name = frame.event.bytes(bytes);
        let is_named = !name.is_empty();
        let name = self.name.of(py, text::event_name(name));
        let id = self.id.of(py, self.stream.parser.last_event_id());
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
