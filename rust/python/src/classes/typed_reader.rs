//! `TypedReader`: the events of a stream as a Python callable decodes them.

use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyNotImplemented};
use rapidsse_core::frames::Value;
use rapidsse_core::typed::{Event, Next, Options, Payload, Task, TypedStream};

use crate::classes::deferred::Deferred;
use crate::py::bytes;
use crate::py::chunks::Chunk;
use crate::py::errors;
use crate::py::input::{Arrival, Input};
use crate::py::options::{Eof, MaxEventSize, Source};
use crate::py::segments::Segments;
use crate::py::text::{self, LastText};
use crate::spans::{to_keys, to_tuple};

/// Splits chunks into events and decodes each payload as soon as it is asked for.
#[pyclass(module = "rapidsse._rust")]
pub struct TypedReader {
    stream: TypedStream,
    input: Input,
    max_event_size: Option<usize>,
    decode: Py<PyAny>,
    decode_lines: Option<Py<PyAny>>,
    handler: Py<PyAny>,
    /// Values that were decoded together, and the first that is yet to be delivered.
    values: Option<Py<PyList>>,
    next_value: usize,
    name: LastText,
}

#[pymethods]
impl TypedReader {
    #[new]
    #[pyo3(
        signature = (source=Source(None), *, decode, decode_lines=None, handler, keys, max_event_size=MaxEventSize(None), eof=Eof::DISPATCH, defer_if_contains=None, dataless=false),
        text_signature = "(source=None, *, decode, decode_lines=None, handler, keys, max_event_size=None, eof='dispatch', defer_if_contains=None, dataless=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "keywords of the Python class")]
    fn new(
        source: Source,
        decode: Py<PyAny>,
        decode_lines: Option<Py<PyAny>>,
        handler: Py<PyAny>,
        keys: Option<&Bound<'_, PyAny>>,
        max_event_size: MaxEventSize,
        eof: Eof,
        defer_if_contains: Option<&[u8]>,
        dataless: bool,
    ) -> PyResult<Self> {
        let stream = TypedStream::new(Options {
            keys: to_keys(keys)?,
            max_event_size: max_event_size.0,
            eof: eof.0,
            dataless,
            defer_if_contains: defer_if_contains.map(<[u8]>::to_vec),
            batches: decode_lines.is_some(),
        });
        Ok(TypedReader {
            stream,
            input: Input::new(source),
            max_event_size: max_event_size.0,
            decode,
            decode_lines,
            handler,
            values: None,
            next_value: 0,
            name: LastText::default(),
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.decode)?;
        visit.call(&self.decode_lines)?;
        visit.call(&self.handler)?;
        visit.call(&self.values)?;
        self.input.traverse(&visit)
    }

    fn __clear__(&mut self, py: Python<'_>) {
        self.decode = py.None();
        self.decode_lines = None;
        self.handler = py.None();
        self.values = None;
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

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        loop {
            if let Some(value) = self.next_value(py) {
                return Ok(Some(value));
            }
            let next = match self.input.chunk(py) {
                Some(chunk) => self.stream.next(chunk.get().bytes(py)),
                None => None,
            };
            let value = match next {
                Some(Next::Small(whole)) => {
                    let payload = PyBytes::new(py, &self.bytes(py)[whole.data.clone()]);
                    match self.try_decode(&payload)? {
                        Some(value) => return Ok(Some(value)),
                        None => {
                            let event = self.stream.refused_small(self.bytes(py), whole);
                            self.defer(py, event)?
                        }
                    }
                }
                Some(Next::Batch) => {
                    self.decode_batch(py)?;
                    continue;
                }
                Some(Next::Other(task)) => self.take(py, task)?,
                None => match self.advance(py)? {
                    Arrival::Chunk => continue,
                    Arrival::Nothing => return Ok(None),
                    Arrival::End => match self.stream.finish() {
                        Some(task) => self.take(py, task)?,
                        None => return Ok(None),
                    },
                },
            };
            if !value.is(PyNotImplemented::get(py)) {
                return Ok(Some(value));
            }
        }
    }
}

impl TypedReader {
    /// The next value that was decoded together with others.
    #[inline(always)]
    fn next_value<'py>(&mut self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let values = self.values.as_ref()?.bind(py);
        let value = values.get_item(self.next_value).ok();
        self.next_value += 1;
        if self.next_value >= values.len() {
            self.values = None;
        }
        value
    }

    /// The bytes of the current chunk.
    #[inline(always)]
    fn bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        let chunk = self.input.chunk(py);
        chunk.map_or(&[][..], |chunk| chunk.get().bytes(py))
    }

    fn advance(&mut self, py: Python<'_>) -> PyResult<Arrival> {
        if let Some(part) = self.stream.take_kept() {
            self.input.keep(part);
        }
        self.input.advance(py)
    }

    fn decode_batch(&mut self, py: Python<'_>) -> PyResult<()> {
        let Some(decode_lines) = &self.decode_lines else {
            return Ok(());
        };
        let chunk = self.bytes(py);
        let size = self.stream.batch_size();
        let (lines, ()) =
            bytes::written_by(py, size, |lines| self.stream.write_batch(chunk, lines))?;
        let Some(values) = if_decoded(py, decode_lines.bind(py).call1((lines,)))? else {
            return Ok(());
        };
        let values = values.cast_into::<PyList>()?;
        if self.stream.accept_batch(values.len()) {
            self.next_value = 0;
            self.values = Some(values.unbind());
        }
        Ok(())
    }

    /// Does what is to be done.
    #[cold]
    fn take<'py>(&mut self, py: Python<'py>, task: Task) -> PyResult<Bound<'py, PyAny>> {
        match task {
            Task::Decode(event) => {
                if let Payload::Piece(payload) = &event.payload {
                    let payload = PyBytes::new(py, payload.bytes(self.bytes(py)));
                    if let Some(value) = self.try_decode(&payload)? {
                        return Ok(value);
                    }
                }
                let event = self.stream.refused(self.bytes(py), event);
                self.defer(py, event)
            }
            Task::Defer(event) => self.defer(py, event),
            Task::Join(mut event) => {
                let rest = std::mem::take(&mut event.rest);
                let segments = Segments::of(py, rest, &self.input.take_kept(), &event.segments)?;
                let task = self.stream.joined(event, segments.join(py));
                self.take(py, task)
            }
            Task::Done => self.handler.bind(py).call_method0(intern!(py, "done")),
            Task::TooLarge(error, index) => {
                self.input.take_kept();
                let error = errors::event_too_large(py, error, index, self.max_event_size)?;
                let name = intern!(py, "too_large");
                self.handler.bind(py).call_method1(name, (error,))
            }
        }
    }

    /// The value, or `None` when the payload is one for the handler.
    #[inline(always)]
    fn try_decode<'py>(
        &self,
        payload: &Bound<'py, PyBytes>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = payload.py();
        if_decoded(py, self.decode.bind(py).call1((payload,)))
    }

    /// Gives an event to the handler.
    #[cold]
    fn defer<'py>(&mut self, py: Python<'py>, event: Event) -> PyResult<Bound<'py, PyAny>> {
        let kept = self.input.take_kept();
        let chunk = self.input.chunk(py);
        let payload = match (event.payload, chunk) {
            (Payload::Piece(Value::InChunk(range)), Some(chunk)) => Chunk::view(chunk, range)?,
            (Payload::Piece(Value::InChunk(_)), None) => PyBytes::new(py, b"").into_any(),
            (Payload::Piece(Value::Owned(joined)), _) => {
                let range = 0..joined.len();
                Chunk::view(&Bound::new(py, Chunk::joined(joined))?, range)?
            }
            (Payload::Segments(rest, segments), _) => {
                let payload = Segments::of(py, rest, &kept, &segments)?;
                Bound::new(py, payload)?.into_any()
            }
        };
        let bytes = chunk.map_or(&[][..], |chunk| chunk.get().bytes(py));
        let name = text::event_name(event.name.bytes(bytes));
        let deferred = Deferred {
            payload: payload.unbind(),
            spans: to_tuple(py, &event.spans.unwrap_or_default())?.unbind(),
            offset: Some(event.offset),
            index: Some(event.index),
            name: self.name.of(py, name),
            complete: event.is_complete,
        };
        let handler = self.handler.bind(py);
        handler.call_method1(intern!(py, "deferred"), (deferred,))
    }
}

/// What a decoder returned; `None` if it raised an `Exception`, and not a `KeyboardInterrupt`.
#[inline(always)]
fn if_decoded<'py>(
    py: Python<'py>,
    result: PyResult<Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_instance_of::<PyException>(py) => Ok(None),
        Err(error) => Err(error),
    }
}
