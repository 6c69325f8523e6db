//! `TypedReader`: frames decoded by a Python callable as soon as they are asked for.

use std::mem;

use memchr::memmem::Finder;
use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyNotImplemented};
use rapidsse_core::frames::{Frame, Value, Whole};
use rapidsse_core::logs::streams::is_done;
use rapidsse_core::spans::{self, LineSpans, Span};

use crate::classes::event::{self, LastText};
use crate::py::batch::Batch;
use crate::py::chunks::Chunk;
use crate::py::errors;
use crate::py::input::{Input, Step};
use crate::py::options::{Eof, MaxEventSize, Source};
use crate::py::segments::{self, Segments};
use crate::spans::{to_keys, to_list};

/// A span shorter than this is cheaper to copy than to cut out.
const MIN_CUT: usize = 512;
/// A payload shorter than this is copied for `decode`, which is twice as slow on a view.
const MAX_COPY: usize = 1 << 20;

/// Splits chunks into events and decodes each payload as soon as it is asked for.
#[pyclass(module = "rapidsse._rust")]
pub struct TypedReader {
    input: Input<LineSpans>,
    decode: Py<PyAny>,
    handler: Py<PyAny>,
    /// Payloads that contain it go to the handler undecoded. Boxed: it is aligned to 32 bytes,
    /// and Python aligns its objects to 16.
    defer_if_contains: Option<Box<Finder<'static>>>,
    name: LastText,
    batch: Option<Batch>,
}

#[pymethods]
impl TypedReader {
    #[new]
    #[pyo3(
        signature = (source=Source(None), *, decode, decode_lines=None, handler, keys, max_event_size=MaxEventSize(None), eof=Eof::Dispatch, defer_if_contains=None, dataless=false),
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
        let keys = to_keys(keys)?;
        let finds_spans = !keys.is_empty();
        let mut input = Input::new(source, max_event_size, eof, LineSpans::new(keys));
        if finds_spans {
            input.parser.leave_clean_chunks();
        }
        if dataless {
            input.parser.dispatch_dataless();
        }
        Ok(TypedReader {
            input,
            decode,
            handler,
            defer_if_contains: defer_if_contains
                .map(|bytes| Box::new(Finder::new(bytes).into_owned())),
            name: LastText::default(),
            batch: decode_lines.map(Batch::new),
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.decode)?;
        visit.call(&self.handler)?;
        if let Some(batch) = &self.batch {
            batch.traverse(&visit)?;
        }
        self.input.traverse(&visit)
    }

    fn __clear__(&mut self, py: Python<'_>) {
        self.decode = py.None();
        self.handler = py.None();
        self.batch = None;
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
            let mut step = None;
            if let Some(batch) = &mut self.batch {
                if let Some(value) = batch.next_value(py) {
                    return Ok(Some(value));
                }
                step = batch.next_event();
                if step.is_none() {
                    batch.fill(py, &mut self.input, self.defer_if_contains.as_deref())?;
                    if let Some(value) = batch.next_value(py) {
                        return Ok(Some(value));
                    }
                    step = batch.next_event();
                }
            }
            let step = match step {
                Some(event) => Some(Step::Whole(event)),
                None => self.input.next(py)?,
            };
            let value = match step {
                None => return Ok(None),
                Some(Step::Whole(whole)) => {
                    if let Some(value) = self.decode_short(py, &whole)? {
                        return Ok(Some(value));
                    }
                    self.decode_frame(py, whole.into(), true)?
                }
                Some(Step::Frame(frame)) => self.decode_frame(py, frame, true)?,
                Some(Step::Unfinished(frame)) => self.decode_frame(py, frame, false)?,
                Some(Step::Cut(frame)) => self.handle(py, frame, &[], false)?,
                Some(Step::TooLarge(error)) => {
                    let error = errors::event_too_large(py, error, self.input.max_event_size)?;
                    let name = intern!(py, "too_large");
                    self.handler.bind(py).call_method1(name, (error,))?
                }
            };
            if !value.is(PyNotImplemented::get(py)) {
                return Ok(Some(value));
            }
        }
    }
}

impl TypedReader {
    /// The value of nearly every event; `None` when a closer look is wanted.
    #[inline(always)]
    fn decode_short<'py>(
        &self,
        py: Python<'py>,
        whole: &Whole,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(chunk) = self.input.chunk(py) else {
            return Ok(None);
        };
        let payload = &chunk.get().bytes(py)[whole.data.clone()];
        if payload.len() >= LineSpans::LONG
            || payload.first() != Some(&b'{')
            || self.is_deferred(payload)
        {
            return Ok(None);
        }
        self.try_decode(&PyBytes::new(py, payload))
    }

    #[inline(always)]
    fn is_deferred(&self, payload: &[u8]) -> bool {
        let finder = self.defer_if_contains.as_deref();
        finder.is_some_and(|finder| finder.find(payload).is_some())
    }

    /// The value of an event, or what the handler makes of the mark that ends a stream.
    #[cold]
    fn decode_frame<'py>(
        &mut self,
        py: Python<'py>,
        mut frame: Frame,
        is_complete: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        if !frame.left.is_empty()
            && let Some(value) = self.decode_left(py, &mut frame, is_complete)?
        {
            return Ok(value);
        }
        let payload = self.payload(py, &frame.data);
        if is_done(payload) {
            self.input.parser.uncount();
            return self.handler.bind(py).call_method0(intern!(py, "done"));
        }
        if payload.len() >= LineSpans::LONG {
            return self.decode_long(py, frame, is_complete);
        }
        if !self.is_deferred(payload)
            && let Some(value) = self.try_decode(&PyBytes::new(py, payload))?
        {
            return Ok(value);
        }
        let spans = spans::find(payload, self.input.data_lines.keys());
        self.handle(py, frame, &spans, is_complete)
    }

    #[cold]
    fn decode_long<'py>(
        &mut self,
        py: Python<'py>,
        frame: Frame,
        is_complete: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let lines = &self.input.data_lines;
        let bytes = self.payload(py, &frame.data);
        let spans = match (&frame.data, self.input.chunk(py)) {
            (Value::InChunk(range), Some(chunk)) => {
                lines.of(chunk.get().bytes(py), range.start, range.end)
            }
            _ => spans::find_past(bytes, lines.keys(), &frame.clean),
        };
        if bytes.len() < MAX_COPY
            && spans.iter().all(|span| span.len() < MIN_CUT)
            && !self.is_deferred(bytes)
            && let Some(value) = self.try_decode(&PyBytes::new(py, bytes))?
        {
            return Ok(value);
        }
        self.handle(py, frame, &spans, is_complete)
    }

    /// The value of an event whose data was partly left in its chunks, if base64 is all that was
    /// left; otherwise `None`, and the data is put together.
    #[cold]
    fn decode_left<'py>(
        &mut self,
        py: Python<'py>,
        frame: &mut Frame,
        is_complete: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Value::Owned(rest) = mem::replace(&mut frame.data, Value::Owned(Vec::new())) else {
            return Ok(None);
        };
        let spans = spans::find_past(&rest, self.input.data_lines.keys(), &frame.clean);
        let left = mem::take(&mut frame.left);
        let spans = segments::spans_with(&spans, &left);
        let payload = Segments::of(py, rest, &left, mem::take(&mut self.input.left))?;
        let Some(spans) = spans else {
            frame.data = Value::Owned(payload.join(py));
            frame.clean = 0..0;
            return Ok(None);
        };
        let payload = Bound::new(py, payload)?.into_any();
        self.call_handler(py, frame, payload, &spans, is_complete)
            .map(Some)
    }

    #[inline(always)]
    fn payload<'a>(&'a self, py: Python<'a>, data: &'a Value) -> &'a [u8] {
        let chunk = self.input.chunk(py);
        data.bytes(chunk.map_or(&[], |chunk| chunk.get().bytes(py)))
    }

    /// The value, or `None` when the payload is one for the handler.
    #[inline(always)]
    fn try_decode<'py>(
        &self,
        payload: &Bound<'py, PyBytes>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = payload.py();
        match self.decode.bind(py).call1((payload,)) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_instance_of::<PyException>(py) => Ok(None),
            Err(error) => Err(error),
        }
    }

    #[cold]
    fn handle<'py>(
        &mut self,
        py: Python<'py>,
        mut frame: Frame,
        spans: &[Span],
        is_complete: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let data = mem::replace(&mut frame.data, Value::Owned(Vec::new()));
        let payload = match (data, self.input.chunk(py)) {
            (Value::InChunk(range), Some(chunk)) => Chunk::view(chunk, range)?,
            (Value::InChunk(_), None) => PyBytes::new(py, b"").into_any(),
            (Value::Owned(joined), _) if joined.len() < MAX_COPY => {
                PyBytes::new(py, &joined).into_any()
            }
            (Value::Owned(joined), _) => {
                let range = 0..joined.len();
                Chunk::view(&Bound::new(py, Chunk::joined(joined))?, range)?
            }
        };
        self.call_handler(py, &frame, payload, spans, is_complete)
    }

    fn call_handler<'py>(
        &mut self,
        py: Python<'py>,
        frame: &Frame,
        payload: Bound<'py, PyAny>,
        spans: &[Span],
        is_complete: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let chunk = self.input.chunk(py);
        let bytes = chunk.map_or(&[][..], |chunk| chunk.get().bytes(py));
        let name = self
            .name
            .of(py, event::event_name(frame.event.bytes(bytes)));
        self.handler.bind(py).call_method1(
            intern!(py, "payload"),
            (
                payload,
                to_list(py, spans)?,
                frame.offset,
                frame.index,
                name,
                is_complete,
            ),
        )
    }
}
