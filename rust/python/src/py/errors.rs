//! The package's own exceptions, which are Python classes.

use pyo3::PyClass;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::False;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyType};
use rapidsse_core::base64::{Invalid, Reason};
use rapidsse_core::frames::TooLarge;

const MODULE: &str = "rapidsse._errors";

pub fn event_too_large<'py>(
    py: Python<'py>,
    error: TooLarge,
    index: u64,
    limit: Option<usize>,
) -> PyResult<Bound<'py, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let fields = [
        ("limit", limit.unwrap_or(usize::MAX) as u64),
        ("offset", error.offset),
        ("index", index),
    ];
    let class = CLASS.import(py, MODULE, "EventTooLarge")?;
    class.call((), Some(&fields.into_py_dict(py)?))
}

pub fn base64_error(py: Python<'_>, invalid: Invalid) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let reason = match invalid.reason {
        Reason::InvalidCharacter => "invalid base64 character",
        Reason::CutShort => "base64 text is cut short",
        Reason::TrailingBits => "non-zero trailing bits",
    };
    let error = || {
        let fields = [("offset", invalid.offset)].into_py_dict(py)?;
        let class = CLASS.import(py, MODULE, "Base64Error")?;
        class.call((reason,), Some(&fields))
    };
    error().map_or_else(|failure| failure, PyErr::from_value)
}

/// The reader, for one call at a time: not from its own source or hooks, nor from another thread.
#[inline(always)]
pub fn unused<'py, R: PyClass<Frozen = False>>(
    reader: &Bound<'py, R>,
) -> PyResult<PyRefMut<'py, R>> {
    match reader.try_borrow_mut() {
        Ok(reader) => Ok(reader),
        Err(_) => Err(in_use()),
    }
}

/// The reader, for what changes nothing: any number of threads may do that at once.
pub fn idle<'py, R: PyClass>(reader: &Bound<'py, R>) -> PyResult<PyRef<'py, R>> {
    reader.try_borrow().map_err(|_| in_use())
}

#[cold]
fn in_use() -> PyErr {
    PyRuntimeError::new_err(
        "the reader is in use: its own source, its hooks and other threads must not use it meanwhile",
    )
}

pub fn rapidsse_error(py: Python<'_>, message: String) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS
        .import(py, MODULE, "RapidSSEError")
        .and_then(|class| class.call1((message,)))
        .map_or_else(|failure| failure, PyErr::from_value)
}
