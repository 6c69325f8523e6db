//! `ServerSentEvent`: the fields of a frame as a Python object.

use std::ops::Range;

use pyo3::Borrowed;
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyMemoryView, PyString, PyTuple, PyType};

use crate::py::chunks::Chunk;
use crate::py::options::wrong_type;
use crate::py::segments::Segments;
use crate::py::text::{LazyText, text};

/// One dispatched event of an event stream (WHATWG HTML, section 9.2).
///
/// Immutable, hashable, picklable; equal when its four fields are equal.
#[pyclass(frozen, subclass, module = "rapidsse")]
pub struct ServerSentEvent {
    /// The value of the `event` field, `"message"` if there was none.
    #[pyo3(get)]
    event: Py<PyString>,
    /// The last event id, `""` if there is none.
    #[pyo3(get)]
    id: Py<PyString>,
    /// The event's own `retry` field, in milliseconds.
    #[pyo3(get)]
    retry: Option<u64>,
    /// Whether a line of its own gave the event a name that is not empty.
    #[pyo3(get, name = "_is_named")]
    is_named: bool,
    /// Whether a valid `id` line of its own set the last event id.
    #[pyo3(get, name = "_sets_id")]
    sets_id: bool,
    payload: Payload,
    text: LazyText,
}

/// Where the data of an event lies.
pub enum Payload {
    InChunk(Py<Chunk>, Range<usize>),
    Segments(Py<Segments>),
}

impl ServerSentEvent {
    #[inline(always)]
    pub fn of(event: Py<PyString>, payload: Payload, id: Py<PyString>, retry: Option<u64>) -> Self {
        ServerSentEvent {
            event,
            id,
            retry,
            is_named: true,
            sets_id: true,
            payload,
            text: LazyText::default(),
        }
    }

    /// Says which lines of its own the event had.
    #[inline(always)]
    pub fn with_lines(self, is_named: bool, sets_id: bool) -> Self {
        ServerSentEvent {
            is_named,
            sets_id,
            ..self
        }
    }

    /// Whether it may be part of a reference cycle, by way of its chunks: text is all else that it
    /// refers to.
    #[inline(always)]
    pub fn in_cycles(&self) -> bool {
        match &self.payload {
            Payload::InChunk(chunk, _) => chunk.get().in_cycles(),
            Payload::Segments(segments) => segments.get().in_cycles(),
        }
    }

    fn payload<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        match &self.payload {
            Payload::InChunk(chunk, range) => &chunk.get().bytes(py)[range.clone()],
            Payload::Segments(segments) => segments.get().bytes(py),
        }
    }
}

#[pymethods]
impl ServerSentEvent {
    // No `__clear__`: an event is immutable, so that any cycle has another object to clear.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.payload {
            Payload::InChunk(chunk, _) => visit.call(chunk),
            Payload::Segments(segments) => visit.call(segments),
        }
    }

    #[classattr]
    fn __match_args__() -> (&'static str, &'static str, &'static str, &'static str) {
        ("event", "data", "id", "retry")
    }

    #[new]
    #[pyo3(signature = (event=Argument(None), data=Argument(None), id=Argument(None), retry=None), text_signature = "(event='message', data=b'', id='', retry=None)")]
    fn new<'py>(
        py: Python<'py>,
        event: Argument<'py>,
        data: Argument<'py>,
        id: Argument<'py>,
        retry: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Self> {
        let event = event.text("event must be str", "message", py)?;
        let id = id.text("id must be str", "", py)?;
        let retry = retry.map(to_retry).transpose()?;
        let chunk = match data.0 {
            None => Chunk::joined(Vec::new()),
            Some(data) => match data.cast::<PyString>() {
                Ok(text) => Chunk::lasting(&text.call_method0("encode")?)?,
                Err(_) => Chunk::lasting(&data)?,
            },
        };
        let size = chunk.bytes(py).len();
        let payload = Payload::InChunk(Py::new(py, chunk)?, 0..size);
        Ok(ServerSentEvent::of(event, payload, id, retry))
    }

    /// The payload as text, invalid UTF-8 replaced by U+FFFD; decoded on first use.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.text.get(py, || match &self.payload {
            Payload::InChunk(_, _) => text(py, self.payload(py)),
            Payload::Segments(segments) => segments.get().text(py),
        })
    }

    /// The payload as a read-only view, in place where it has one line and came in one chunk.
    #[getter]
    fn data_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match &self.payload {
            Payload::InChunk(chunk, range) => Chunk::view(chunk.bind(py), range.clone()),
            Payload::Segments(segments) => Ok(PyMemoryView::from(segments.bind(py))?.into_any()),
        }
    }

    /// The payload's JSON as Python objects. Raises `DecodeError` when it is not JSON.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static JSON: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        JSON.import(py, "rapidsse._event", "event_json")?
            .call1((self.data_bytes(py)?, &self.event))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static REPR: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let fields = (&self.event, self.data_bytes(py)?, &self.id, self.retry);
        REPR.import(py, "rapidsse._event", "event_repr")?
            .call1(fields)
    }

    fn __richcmp__(
        &self,
        py: Python<'_>,
        other: &Bound<'_, PyAny>,
        op: CompareOp,
    ) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast_exact::<ServerSentEvent>() else {
            return Ok(py.NotImplemented());
        };
        let other = other.get();
        let is_equal = || -> PyResult<bool> {
            Ok(self.retry == other.retry
                && self.event.bind(py).as_any().eq(other.event.bind(py))?
                && self.id.bind(py).as_any().eq(other.id.bind(py))?
                && self.payload(py) == other.payload(py))
        };
        Ok(match op {
            CompareOp::Eq => is_equal()?
                .into_pyobject(py)?
                .to_owned()
                .into_any()
                .unbind(),
            CompareOp::Ne => (!is_equal()?)
                .into_pyobject(py)?
                .to_owned()
                .into_any()
                .unbind(),
            _ => py.NotImplemented(),
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.fields(py)?.hash()
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        Ok((slf.get_type(), slf.get().fields(slf.py())?))
    }
}

impl ServerSentEvent {
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let payload = PyBytes::new(py, self.payload(py));
        (&self.event, payload, &self.id, self.retry).into_pyobject(py)
    }
}

/// An argument as it was given, if it was.
struct Argument<'py>(Option<Bound<'py, PyAny>>);

impl<'a, 'py> FromPyObject<'a, 'py> for Argument<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Argument(Some(object.to_owned())))
    }
}

impl<'py> Argument<'py> {
    fn text(self, expected: &str, default: &str, py: Python<'py>) -> PyResult<Py<PyString>> {
        match self.0 {
            None => Ok(PyString::intern(py, default).unbind()),
            Some(object) => match object.cast::<PyString>() {
                Ok(text) => Ok(text.clone().unbind()),
                Err(_) => Err(wrong_type(&object, expected)),
            },
        }
    }
}

fn to_retry(object: &Bound<'_, PyAny>) -> PyResult<u64> {
    object.extract::<u64>().map_err(|error| {
        let py = object.py();
        if error.is_instance_of::<PyTypeError>(py) {
            wrong_type(object, "retry must be int or None")
        } else if error.is_instance_of::<PyOverflowError>(py) {
            PyOverflowError::new_err("retry must be from 0 to 2**64 - 1 milliseconds")
        } else {
            error
        }
    })
}
