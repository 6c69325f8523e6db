//! Strict base64 decoding, with the GIL released.

use std::ptr::NonNull;

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView};
use rapidsse_core::base64;

use crate::py::bytes;
use crate::py::chunks::{Chunk, single_bytes};
use crate::py::errors;
use crate::py::options::wrong_type;
use crate::py::segments::Segments;

/// Decodes strict base64. Raises `Base64Error`.
#[pyfunction]
pub fn base64_decode<'py>(data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    if let Ok(segments) = data.cast::<Segments>()
        && let Some(decoded) = decode_parts(segments)?
    {
        return Ok(decoded);
    }
    let chunk = Chunk::in_place(data)?;
    let text = chunk.bytes(py);
    let size = base64::decoded_len(text);
    match bytes::written_by(py, size, |out| py.detach(|| base64::decode(text, out)))? {
        (bytes, Ok(_)) => Ok(bytes),
        (_, Err(invalid)) => Err(errors::base64_error(py, invalid)),
    }
}

/// `None` if the parts are joined already, or are to be joined to say what is wrong with them.
fn decode_parts<'py>(segments: &Bound<'py, Segments>) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let py = segments.py();
    let Some(parts) = segments.get().separate(py) else {
        return Ok(None);
    };
    let parts: Vec<&[u8]> = parts
        .iter()
        .map(|(chunk, range)| &chunk.get().bytes(py)[range.clone()])
        .collect();
    let size = base64::decoded_len_of(&parts);
    let (bytes, written) = bytes::written_by(py, size, |out| {
        py.detach(|| base64::decode_parts(&parts, out))
    })?;
    Ok((written == Some(size)).then_some(bytes))
}

/// Decodes strict base64 into `out` and returns the bytes written.
#[pyfunction]
pub fn base64_decode_into(data: &Bound<'_, PyAny>, out: &Bound<'_, PyAny>) -> PyResult<usize> {
    let py = data.py();
    let chunk = Chunk::in_place(data)?;
    let text = chunk.bytes(py);
    let out = writable_bytes(out)?;
    let room = out.len_bytes();
    let size = base64::decoded_len(text);
    if room < size {
        let message = format!("out holds {room} bytes, but the text decodes to {size}");
        return Err(errors::rapidsse_error(py, message));
    }
    let start = NonNull::new(out.buf_ptr().cast::<u8>()).unwrap_or(NonNull::dangling());
    // Text that is overwritten while it is decoded is decoded from a copy.
    let ends = start.as_ptr().addr() + size;
    let overlaps =
        text.as_ptr().addr() < ends && start.as_ptr().addr() < text.as_ptr_range().end.addr();
    let copy = overlaps.then(|| text.to_vec());
    let text = copy.as_deref().unwrap_or(text);
    // SAFETY: the export keeps the memory in place, writable, contiguous and at least this long, and
    // `text` is no part of it.
    // As for any buffer that is written to without the GIL, the caller must leave it alone until
    // this returns. An empty slice asks nothing of the memory but an address.
    let memory = unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), size) };
    py.detach(|| base64::decode(text, memory))
        .map_err(|invalid| errors::base64_error(py, invalid))
}

/// The buffer of any object that can be written to, as contiguous bytes.
fn writable_bytes(out: &Bound<'_, PyAny>) -> PyResult<PyUntypedBuffer> {
    const EXPECTED: &str = "out must be a writable buffer";
    let view = PyMemoryView::from(out).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(out.py()) {
            wrong_type(out, EXPECTED)
        } else {
            error
        }
    })?;
    if view.getattr("readonly")?.is_truthy()? {
        return Err(PyTypeError::new_err(format!(
            "{EXPECTED}, and this {} is read-only",
            out.get_type().name()?
        )));
    }
    PyUntypedBuffer::get(&single_bytes(view.into_any())?)
}
