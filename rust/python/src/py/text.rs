//! Texts of a stream as Python objects.

use std::slice;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapidsse_core::bytes::is_same;

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

/// Text that is UTF-8. Nearly all of it is ASCII, which need not be decoded.
#[inline(always)]
pub fn utf8<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    if !bytes.is_ascii() {
        return PyString::from_bytes(py, bytes);
    }
    // SAFETY: the slice has this many readable characters of one byte. The result is a new reference,
    // or null with an error set.
    unsafe {
        let text = ffi::PyUnicode_FromKindAndData(
            ffi::PyUnicode_1BYTE_KIND as _,
            bytes.as_ptr().cast(),
            bytes.len() as ffi::Py_ssize_t,
        );
        Ok(Bound::from_owned_ptr_or_err(py, text)?.cast_into_unchecked())
    }
}

/// The text of `len` bytes, which are these parts, one after another, and all of them ASCII; `None`
/// if memory runs out.
pub fn ascii_of<'a, 'py>(
    py: Python<'py>,
    len: usize,
    parts: impl Iterator<Item = &'a [u8]>,
) -> Option<Bound<'py, PyString>> {
    // SAFETY: a new text, which nobody else has seen, or null with an error set. One of ASCII has a
    // character a byte, and the parts fill it: the slice's own copy checks that they fit.
    unsafe {
        let text = ffi::PyUnicode_New(len as ffi::Py_ssize_t, 0x7f);
        let Ok(text) = Bound::from_owned_ptr_or_err(py, text) else {
            return None;
        };
        let data = ffi::PyUnicode_DATA(text.as_ptr()).cast::<u8>();
        let mut rest = slice::from_raw_parts_mut(data, len);
        for part in parts {
            let (space, after) = rest.split_at_mut(part.len());
            space.copy_from_slice(part);
            rest = after;
        }
        Some(text.cast_into_unchecked())
    }
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
