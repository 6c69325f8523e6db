//! The package's own exceptions, which are Python classes.

use pyo3::prelude::*;
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

pub fn rapidsse_error(py: Python<'_>, message: String) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS
        .import(py, MODULE, "RapidSSEError")
        .and_then(|class| class.call1((message,)))
        .map_or_else(|failure| failure, PyErr::from_value)
}
