//! Strict base64 decoding, with the GIL released.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rapidsse_core::base64;

use crate::py::bytes;
use crate::py::chunks::Chunk;
use crate::py::errors;

/// Decodes strict base64. Raises `Base64Error`.
#[pyfunction]
pub fn base64_decode<'py>(data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let py = data.py();
    let chunk = Chunk::in_place(data)?;
    let text = chunk.bytes(py);
    let size = base64::decoded_len(text);
    match bytes::written_by(py, size, |out| py.detach(|| base64::decode(text, out)))? {
        (bytes, Ok(_)) => Ok(bytes),
        (_, Err(invalid)) => Err(errors::base64_error(py, invalid)),
    }
}

/// Decodes strict base64 into `out` and returns the bytes written.
#[pyfunction]
pub fn base64_decode_into(data: &Bound<'_, PyAny>, out: &Bound<'_, PyAny>) -> PyResult<usize> {
    let py = data.py();
    let chunk = Chunk::in_place(data)?;
    let text = chunk.bytes(py);
    let out = PyBuffer::<u8>::get(out)?;
    let size = base64::decoded_len(text);
    let (Some(memory), false) = (out.as_slice_ptr(), out.readonly()) else {
        return Err(PyTypeError::new_err("out must be a writable buffer"));
    };
    if memory.len() < size {
        let message = format!(
            "the output buffer holds {} bytes, and the text decodes to {size}",
            memory.len()
        );
        return Err(errors::rapidsse_error(py, message));
    }
    // SAFETY: the export keeps the memory in place. As for any buffer that is written to without
    // the GIL, the caller must leave it alone until this returns.
    let out = unsafe { std::slice::from_raw_parts_mut(memory.as_ptr().cast::<u8>(), size) };
    py.detach(|| base64::decode(text, out))
        .map_err(|invalid| errors::base64_error(py, invalid))
}
