//! `FrameReader`: frames as `ServerSentEvent` objects, or as what these hold.

use std::mem;
use std::ops::Range;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyNotImplemented, PyString};
use rapidsse_core::events::{EventStream, Next};
use rapidsse_core::frames::{Frame, TooLarge, Value, Whole, event_name};
use rapidsse_core::like::Pair;
use rapidsse_core::segments;

use crate::classes::event::{Payload, ServerSentEvent};
use crate::classes::event_type::EventType;
use crate::py::chunks::Chunk;
use crate::py::errors::{self, unused};
use crate::py::input::Input;
use crate::py::options::{Eof, MaxEventSize, Source};
use crate::py::prototype::{Prototype, described};
use crate::py::segments::Segments;
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
    /// Says what the events become.
    handler: Option<Py<PyAny>>,
    /// What events like the one kept are copied from.
    kept: Option<Prototype>,
    /// What the last event became, if the next ones may be like it, and how they would be.
    last: Option<Box<(Py<PyAny>, Pair)>>,
}

#[pymethods]
impl FrameReader {
    #[new]
    #[pyo3(
        signature = (source=Source(None), *, max_event_size=MaxEventSize(None), eof=Eof::DISCARD, dataless=false, event_type=EventType(None), handler=None),
        text_signature = "(source=None, *, max_event_size=None, eof='discard', dataless=False, event_type=ServerSentEvent, handler=None)"
    )]
    fn new(
        source: Source,
        max_event_size: MaxEventSize,
        eof: Eof,
        dataless: bool,
        event_type: EventType,
        handler: Option<Py<PyAny>>,
    ) -> Self {
        let mut stream = EventStream::new(max_event_size.0, eof.0, dataless);
        if handler.is_some() {
            stream.find_alike();
        }
        FrameReader {
            stream,
            input: Input::new(source),
            max_event_size,
            name: LastText::default(),
            id: LastText::default(),
            event_type,
            handler,
            kept: None,
            last: None,
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event_type.0)?;
        visit.call(&self.handler)?;
        if let Some(kept) = &self.kept {
            kept.traverse(&visit)?;
        }
        if let Some(last) = &self.last {
            visit.call(&last.0)?;
        }
        self.input.traverse(&visit)
    }

    fn __clear__(&mut self) {
        self.handler = None;
        self.kept = None;
        self.last = None;
        self.input.clear();
    }

    fn push(slf: &Bound<'_, Self>, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        unused(slf)?.input.push(chunk)
    }

    fn finish(slf: &Bound<'_, Self>) -> PyResult<()> {
        unused(slf)?.input.chunks.close();
        Ok(())
    }

    /// Ends the events, and lets go of `source` and of every chunk.
    fn close(slf: &Bound<'_, Self>) -> PyResult<()> {
        let mut reader = unused(slf)?;
        let mut closed = Input::new(Source(None));
        closed.chunks.close();
        reader.stream = EventStream::new(reader.max_event_size.0, Eof::DISCARD.0, false);
        let old = (
            mem::replace(&mut reader.input, closed),
            reader.kept.take(),
            reader.last.take(),
        );
        // What a source does when it is dropped may use the reader.
        drop(reader);
        drop(old);
        Ok(())
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        unused(slf)?.next(slf.py())
    }

    /// Yields the items of the next events of the current chunk that are like the one kept.
    fn items(slf: Bound<'_, Self>) -> ItemReader {
        ItemReader {
            reader: Some(slf.unbind()),
        }
    }

    /// The last event id, as of the last blank line.
    #[getter]
    fn last_event_id<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyString>> {
        let id = unused(slf)?;
        text::text(slf.py(), id.stream.parser().last_event_id())
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
    fn next<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        loop {
            if self.last.is_some() {
                self.keep(py)?;
            }
            let chunk = self.input.chunks.chunk();
            let whole = chunk.and_then(|chunk| self.stream.next_whole(chunk.get().bytes(py)));
            let event = if let Some(whole) = whole {
                self.whole_event(py, whole)?
            } else {
                let (chunks, mut pull) = self.input.parts(py);
                match self.stream.next(chunks, &mut pull)? {
                    Some(Next::Like(payload)) => return self.like(py, payload).map(Some),
                    Some(Next::Whole(whole)) => self.whole_event(py, whole)?,
                    Some(Next::Frame(frame)) => self.event(py, frame)?,
                    Some(Next::TooLarge(error, index)) => {
                        return Err(self.too_large(py, error, index)?);
                    }
                    None => return Ok(None),
                }
            };
            let event = event.into_bound(py).into_any();
            let Some(handler) = &self.handler else {
                return Ok(Some(event));
            };
            let handler = handler.clone_ref(py).into_bound(py);
            if let Some(value) = self.handled(&handler, event)? {
                return Ok(Some(value));
            }
        }
    }

    /// The item of the next event, if it is like the one kept and lies whole in the current chunk.
    #[inline(always)]
    fn next_item<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.last.is_some() {
            self.keep(py)?;
        }
        let (Some(kept), Some(chunk)) = (&self.kept, self.input.chunks.chunk()) else {
            return Ok(None);
        };
        if !kept.has_item() {
            return Ok(None);
        }
        let bytes = chunk.get().bytes(py);
        match self.stream.next_like(bytes) {
            Some(payload) => kept.item_with(py, &bytes[payload], self.stream.values()),
            None => Ok(None),
        }
    }

    /// What an event becomes; `None` delivers nothing.
    #[inline(never)]
    fn handled<'py>(
        &mut self,
        handler: &Bound<'py, PyAny>,
        event: Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = handler.py();
        let chunk = self.input.chunks.chunk();
        let pair = chunk.and_then(|chunk| self.stream.alike(chunk.get().bytes(py)));
        let members = pair.as_ref();
        let members = members
            .map(|pair| described(py, &pair.members))
            .transpose()?;
        let value = handler.call_method1(intern!(py, "event"), (event, members))?;
        if value.is(PyNotImplemented::get(py)) {
            return Ok(None);
        }
        self.last = pair.map(|pair| Box::new((value.clone().unbind(), pair)));
        Ok(Some(value))
    }

    /// Keeps what the last event became, if events like it can be made of that.
    #[cold]
    fn keep(&mut self, py: Python<'_>) -> PyResult<()> {
        let chunk = self.input.chunks.chunk();
        let (Some(last), Some(handler), Some(chunk)) = (self.last.take(), &self.handler, chunk)
        else {
            return Ok(());
        };
        let (last, pair) = *last;
        let made = handler
            .bind(py)
            .call_method1(intern!(py, "prototype"), (last,))?;
        self.kept = Prototype::of(&made, pair.members.len())?;
        let pair = self.kept.is_some().then_some(pair);
        self.stream.keep(chunk.get().bytes(py), pair);
        Ok(())
    }

    #[inline(always)]
    fn like<'py>(&self, py: Python<'py>, payload: Range<usize>) -> PyResult<Bound<'py, PyAny>> {
        match (&self.kept, self.input.chunks.chunk()) {
            (Some(kept), Some(chunk)) => {
                let payload = &chunk.get().bytes(py)[payload];
                kept.with(py, payload, self.stream.values())
            }
            _ => Ok(py.None().into_bound(py)),
        }
    }

    #[inline(always)]
    fn whole_event(&mut self, py: Python<'_>, whole: Whole) -> PyResult<Py<ServerSentEvent>> {
        let Some(chunk) = self.input.chunks.chunk() else {
            return self.event(py, whole.into());
        };
        let bytes = chunk.get().bytes(py);
        let is_named = !whole.event.is_empty();
        let name = self.name.of(py, event_name(&bytes[whole.event]))?;
        let id = self.id.of(py, self.stream.parser().last_event_id())?;
        let payload = Payload::InChunk(chunk.clone_ref(py), whole.data);
        let event = ServerSentEvent::of(name, payload, id, None);
        self.event_type
            .instance(py, event.with_lines(is_named, false))
    }

    #[cold]
    fn too_large(&mut self, py: Python<'_>, error: TooLarge, index: u64) -> PyResult<PyErr> {
        self.input.chunks.take_kept();
        let error = errors::event_too_large(py, error, index, self.max_event_size.0)?;
        Ok(PyErr::from_value(error))
    }

    #[cold]
    fn event(&mut self, py: Python<'_>, frame: Frame) -> PyResult<Py<ServerSentEvent>> {
        let kept = self.input.chunks.take_kept();
        let current = self.input.chunks.chunk();
        let bytes = current.map_or(&[][..], |chunk| chunk.get().bytes(py));
        let name = frame.event.bytes(bytes);
        let is_named = !name.is_empty();
        let name = self.name.of(py, event_name(name))?;
        let id = self.id.of(py, self.stream.parser().last_event_id())?;
        let payload = match (frame.data, current) {
            (data, _) if !frame.kept.is_empty() => {
                let joined = data.into_owned(bytes);
                let segments = segments::segments(joined.len(), &frame.kept);
                let segments = Segments::of(py, joined, &kept, &segments)?;
                Payload::Segments(Py::new(py, segments)?)
            }
            (Value::InChunk(range), Some(chunk)) => Payload::InChunk(chunk.clone_ref(py), range),
            (data, _) => {
                let data = data.into_owned(bytes);
                let size = data.len();
                Payload::InChunk(Chunk::joined(data).object(py)?, 0..size)
            }
        };
        let event = ServerSentEvent::of(name, payload, id, frame.retry);
        self.event_type
            .instance(py, event.with_lines(is_named, frame.sets_id))
    }
}

/// Yields the items of the next events, as long as they are like the one that the reader keeps.
#[pyclass(module = "rapidsse._rust")]
pub struct ItemReader {
    reader: Option<Py<FrameReader>>,
}

#[pymethods]
impl ItemReader {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.reader)
    }

    fn __clear__(&mut self) {
        self.reader = None;
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match &self.reader {
            Some(reader) => unused(reader.bind(py))?.next_item(py),
            None => Ok(None),
        }
    }
}
