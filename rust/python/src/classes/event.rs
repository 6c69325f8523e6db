//! `ServerSentEvent`: the fields of a frame as a Python object.

use std::ops::Range;
use std::sync::OnceLock;

use pyo3::Borrowed;
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString, PyTuple, PyType};

use crate::py::chunks::Chunk;
use crate::py::options::wrong_type;

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
    chunk: Py<Chunk>,
    payload: Range<usize>,
    text: OnceLock<Py<PyString>>,
}

impl ServerSentEvent {
    #[inline(always)]
    pub fn of(
        event: Py<PyString>,
        chunk: Py<Chunk>,
        payload: Range<usize>,
        id: Py<PyString>,
        retry: Option<u64>,
    ) -> Self {
        ServerSentEvent {
            event,
            id,
            retry,
            is_named: true,
            sets_id: true,
            chunk,
            payload,
            text: OnceLock::new(),
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

    /// The Python object. The garbage collector need not visit it unless its chunk may be part of
    /// a reference cycle: text is all else that it refers to.
    #[inline(always)]
    pub fn into_object(self, py: Python<'_>, event_type: &EventType) -> PyResult<Py<Self>> {
        let object = Py::new(py, self)?;
        if let Some(subclass) = &event_type.0 {
            become_instance(object.bind(py), subclass.bind(py));
        }
        if !object.get().chunk.get().in_cycles() {
            // SAFETY: a live object of a class that is tracked, as one with `__traverse__` is.
            unsafe { ffi::PyObject_GC_UnTrack(object.as_ptr().cast()) };
        }
        Ok(object)
    }

    fn payload<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        &self.chunk.get().bytes(py)[self.payload.clone()]
    }
}

#[pymethods]
impl ServerSentEvent {
    // No `__clear__`: an event is immutable, so that any cycle has another object to clear.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.chunk)
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
        let chunk = Py::new(py, chunk)?;
        Ok(ServerSentEvent::of(event, chunk, 0..size, id, retry))
    }

    /// The payload as text, invalid UTF-8 replaced by U+FFFD; decoded on first use.
    #[getter]
    fn data(&self, py: Python<'_>) -> Py<PyString> {
        let text = self.text.get().unwrap_or_else(|| {
            let made = text(py, self.payload(py)).unbind();
            // Not `PyOnceLock`, which lets go of the interpreter for every text: no code of
            // Python's runs while this lock is taken.
            self.text.get_or_init(|| made)
        });
        text.clone_ref(py)
    }

    /// The payload as a read-only view, in place where it has one line and came in one chunk.
    #[getter]
    fn data_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Chunk::view(self.chunk.bind(py), self.payload.clone())
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

/// The class of the events: `ServerSentEvent`, or a subclass that adds methods only.
pub struct EventType(pub Option<Py<PyType>>);

impl<'a, 'py> FromPyObject<'a, 'py> for EventType {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let base = py.get_type::<ServerSentEvent>();
        if object.is(&base) {
            return Ok(EventType(None));
        }
        match object.cast::<PyType>() {
            Ok(class) if class.is_subclass(&base)? && layout(&class)?.eq(layout(&base)?)? => {
                Ok(EventType(Some(class.to_owned().unbind())))
            }
            _ => Err(PyTypeError::new_err(format!(
                "event_type must be ServerSentEvent or a subclass with empty __slots__, not {}",
                object.repr()?
            ))),
        }
    }
}

/// Equal for two classes, one derived from the other, whose objects have the same layout. A
/// `__dict__` or weak references may lie before the object, where its size does not show them.
fn layout<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let size = class.getattr(intern!(py, "__basicsize__"))?;
    let dict = class.getattr(intern!(py, "__dictoffset__"))?;
    let weak = class.getattr(intern!(py, "__weakrefoffset__"))?;
    (size, dict, weak).into_pyobject(py)
}

/// Makes a new event an instance of a subclass: a call of the class would cost more than the event.
#[inline(always)]
fn become_instance(object: &Bound<'_, ServerSentEvent>, subclass: &Bound<'_, PyType>) {
    let base = object.get_type();
    let subclass = subclass.clone().into_ptr();
    // SAFETY: nobody else has seen the object yet. Its layout is that of the subclass, which
    // `EventType` has checked. An object holds a reference to its class: the one to `subclass`
    // was just taken, the one to `base` is given up.
    unsafe {
        (*object.as_ptr()).ob_type = subclass.cast();
        ffi::Py_DECREF(base.as_ptr());
    }
}

/// Text of the stream, invalid UTF-8 replaced by U+FFFD.
pub fn text<'py>(py: Python<'py>, bytes: &[u8]) -> Bound<'py, PyString> {
    // SAFETY: the slice has this many readable bytes. The result is a new text, or null with an error
    // set if memory runs out, as in `PyString::new`.
    unsafe {
        let text = ffi::PyUnicode_DecodeUTF8(
            bytes.as_ptr().cast(),
            bytes.len() as ffi::Py_ssize_t,
            c"replace".as_ptr(),
        );
        Bound::from_owned_ptr(py, text).cast_into_unchecked()
    }
}

/// Like `==`, but asks nothing of memory for two empty slices. Theirs may be an address of no
/// page, which `memcmp` reads masked out: that costs the processor a hundred cycles.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

/// The last text that was made, because most events repeat the name and the id before them.
#[derive(Default)]
pub struct LastText(Option<(Vec<u8>, Py<PyString>)>);

impl LastText {
    #[inline(always)]
    pub fn of(&mut self, py: Python<'_>, bytes: &[u8]) -> Py<PyString> {
        match &self.0 {
            Some((last, text)) if is_same(last, bytes) => text.clone_ref(py),
            _ => self.make(py, bytes),
        }
    }

    #[cold]
    fn make(&mut self, py: Python<'_>, bytes: &[u8]) -> Py<PyString> {
        let made = text(py, bytes).unbind();
        self.0 = Some((bytes.to_vec(), made.clone_ref(py)));
        made
    }
}

/// The name of an event whose `event` field is `value`.
#[inline(always)]
pub fn event_name(value: &[u8]) -> &[u8] {
    if value.is_empty() { b"message" } else { value }
}
