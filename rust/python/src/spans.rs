//! `find_spans`, and the keys it takes.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use rapidsse_core::spans::{self, Keys, Span};

use crate::py::chunks::Chunk;

/// The clean string values of a JSON payload under one of `keys` (`None`: any key).
#[pyfunction]
#[pyo3(signature = (payload, keys))]
pub fn find_spans<'py>(
    payload: &Bound<'py, PyAny>,
    keys: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let py = payload.py();
    let chunk = Chunk::in_place(payload)?;
    let spans = spans::find(chunk.bytes(py), &to_keys(keys)?);
    PyList::new(py, spans.iter().map(pair))
}

pub fn to_keys(keys: Option<&Bound<'_, PyAny>>) -> PyResult<Keys> {
    let Some(keys) = keys else {
        return Ok(Keys::Any);
    };
    let names = keys
        .try_iter()?
        .map(|key| Ok(key?.extract::<String>()?.into_bytes().into_boxed_slice()));
    let names: Vec<_> = names.collect::<PyResult<_>>()?;
    Ok(Keys::named(names))
}

pub fn to_tuple<'py>(py: Python<'py>, spans: &[Span]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, spans.iter().map(pair))
}

fn pair(span: &Span) -> (usize, usize) {
    (span.start, span.end)
}
