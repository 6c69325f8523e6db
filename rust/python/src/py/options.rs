//! The keywords that the readers share, checked.

use pyo3::Borrowed;
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use rapidsse_core::stream;

/// What becomes of an event whose blank line is missing.
pub struct Eof(pub stream::Eof);

impl Eof {
    pub const DISCARD: Eof = Eof(stream::Eof::Discard);
    pub const DISPATCH: Eof = Eof(stream::Eof::Dispatch);
}

impl<'a, 'py> FromPyObject<'a, 'py> for Eof {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<&str>() {
            Ok("discard") => Ok(Eof::DISCARD),
            Ok("dispatch") => Ok(Eof::DISPATCH),
            _ => Err(PyValueError::new_err(format!(
                "eof must be 'discard' or 'dispatch', not {}",
                object.repr()?
            ))),
        }
    }
}

/// The most bytes that an event may hold, if there is a limit.
#[derive(Clone, Copy)]
pub struct MaxEventSize(pub Option<usize>);

impl<'a, 'py> FromPyObject<'a, 'py> for MaxEventSize {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        if object.is_none() {
            return Ok(MaxEventSize(None));
        }
        match object.extract() {
            Ok(size) => Ok(MaxEventSize(Some(size))),
            Err(error) if error.is_instance_of::<PyTypeError>(py) => {
                Err(wrong_type(&object, "max_event_size must be an int or None"))
            }
            // No event grows past a limit that no `usize` holds.
            Err(error) if error.is_instance_of::<PyOverflowError>(py) && !is_negative(&object)? => {
                Ok(MaxEventSize(Some(usize::MAX)))
            }
            Err(error) if error.is_instance_of::<PyOverflowError>(py) => {
                Err(PyValueError::new_err(format!(
                    "max_event_size must not be negative, not {}",
                    object.repr()?
                )))
            }
            Err(error) => Err(error),
        }
    }
}

/// Where the chunks come from.
pub struct Source(pub Option<Py<PyIterator>>);

impl<'a, 'py> FromPyObject<'a, 'py> for Source {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if object.is_none() {
            return Ok(Source(None));
        }
        match object.cast::<PyIterator>() {
            Ok(source) => Ok(Source(Some(source.to_owned().unbind()))),
            Err(_) => Err(wrong_type(&object, "source must be an iterator of buffers")),
        }
    }
}

/// Whether an object that counts as an integer, of any size, is a negative one.
pub fn is_negative(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = object.py();
    let index = py
        .import(intern!(py, "operator"))?
        .getattr(intern!(py, "index"))?;
    index.call1((object,))?.lt(0)
}

/// A `TypeError` that says what is expected, and which type came instead.
pub fn wrong_type(object: &Bound<'_, PyAny>, expected: &str) -> PyErr {
    match object.get_type().name() {
        Ok(name) => PyTypeError::new_err(format!("{expected}, not {name}")),
        Err(error) => error,
    }
}
