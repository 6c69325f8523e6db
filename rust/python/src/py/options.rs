//! The keywords that the readers share, checked.

use pyo3::Borrowed;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What becomes of an event whose blank line is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Eof {
    Discard,
    Dispatch,
}

impl<'a, 'py> FromPyObject<'a, 'py> for Eof {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<&str>() {
            Ok("discard") => Ok(Eof::Discard),
            Ok("dispatch") => Ok(Eof::Dispatch),
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
        if object.is_none() {
            return Ok(MaxEventSize(None));
        }
        if object.lt(0)? {
            return Err(PyValueError::new_err(format!(
                "max_event_size must not be negative, as {} is",
                object.repr()?
            )));
        }
        object.extract().map(|size| MaxEventSize(Some(size)))
    }
}
