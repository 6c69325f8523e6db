//! `bytes` objects that are written in place.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// A `bytes` object of `size` bytes, all of which `write` writes; it must not read them first.
/// (`PyBytes::new_with` clears them before, which takes as long as decoding base64 does.)
pub fn written_by<'py, R>(
    py: Python<'py>,
    size: usize,
    write: impl FnOnce(&mut [u8]) -> R,
) -> PyResult<(Bound<'py, PyBytes>, R)> {
    // SAFETY: a new `bytes` object of this size, or null with an error set.
    let bytes = unsafe {
        let bytes = ffi::PyBytes_FromStringAndSize(std::ptr::null(), size as ffi::Py_ssize_t);
        Bound::from_owned_ptr_or_err(py, bytes)?.cast_into_unchecked::<PyBytes>()
    };
    // SAFETY: nobody else has seen the object yet, it has this many bytes, and they are written,
    // not read, before it is handed out.
    let out = unsafe {
        std::slice::from_raw_parts_mut(ffi::PyBytes_AsString(bytes.as_ptr()).cast::<u8>(), size)
    };
    let result = write(out);
    Ok((bytes, result))
}
