//! Texts of a stream as Python objects.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::{iter, ptr};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;
use rapidsse_core::bytes::is_same;

/// Text of the stream, invalid UTF-8 replaced by U+FFFD.
///
/// Nearly all of it is ASCII, which is copied: Python's decoder looks at it word by word. Raises
/// `MemoryError`.
pub fn text<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    if bytes.is_ascii() {
        return ascii_of(py, bytes.len(), iter::once(bytes));
    }
    // SAFETY: the slice has this many readable bytes. The result is a new text, or null with an error
    // set.
    unsafe {
        let text = ffi::PyUnicode_DecodeUTF8(
            bytes.as_ptr().cast(),
            bytes.len() as ffi::Py_ssize_t,
            c"replace".as_ptr(),
        );
        Ok(Bound::from_owned_ptr_or_err(py, text)?.cast_into_unchecked())
    }
}

/// Text that is UTF-8. Nearly all of it is ASCII, which need not be decoded.
#[inline(always)]
pub fn utf8<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    match bytes.len() {
        // Python shares one object for each of these, and for some texts of two bytes.
        0 | 1 => PyString::from_bytes(py, bytes),
        len if bytes.is_ascii() => ascii_of(py, len, iter::once(bytes)),
        3..=SHORT => short(py, bytes),
        _ => PyString::from_bytes(py, bytes),
    }
}

/// Longer texts are decoded by Python, which is then the faster.
const SHORT: usize = 64;

/// A short text with characters beyond ASCII.
#[cfg(not(feature = "abi3"))]
fn short<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return PyString::from_bytes(py, bytes); // It raises `UnicodeDecodeError`.
    };
    let (mut len, mut highest) = (0, 0);
    for character in text.chars() {
        len += 1;
        highest = highest.max(u32::from(character));
    }
    // SAFETY: a new text, which nobody else has seen, or null with an error set. It has `len`
    // characters, each of as many bytes as the highest one takes, which are all written.
    unsafe {
        let made = ffi::PyUnicode_New(len as ffi::Py_ssize_t, highest);
        let made = Bound::from_owned_ptr_or_err(py, made)?;
        let data = ffi::PyUnicode_DATA(made.as_ptr());
        let characters = text.chars().map(u32::from).enumerate();
        match highest {
            ..0x100 => characters.for_each(|(at, it)| data.cast::<u8>().add(at).write(it as u8)),
            0x100..0x1_0000 => {
                characters.for_each(|(at, it)| data.cast::<u16>().add(at).write(it as u16));
            }
            _ => characters.for_each(|(at, it)| data.cast::<u32>().add(at).write(it)),
        }
        Ok(made.cast_into_unchecked())
    }
}

/// The limited API cannot fill a text.
#[cfg(feature = "abi3")]
fn short<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    PyString::from_bytes(py, bytes)
}

/// The text of `len` bytes, which are these parts, one after another, and all of them ASCII.
#[cfg(not(feature = "abi3"))]
#[inline(always)]
pub fn ascii_of<'a, 'py>(
    py: Python<'py>,
    len: usize,
    parts: impl Iterator<Item = &'a [u8]>,
) -> PyResult<Bound<'py, PyString>> {
    // SAFETY: a new text, which nobody else has seen, or null with an error set. One of ASCII has a
    // character a byte, and the parts fill it: the slice's own copy checks that they fit.
    unsafe {
        let text = ffi::PyUnicode_New(len as ffi::Py_ssize_t, 0x7f);
        let text = Bound::from_owned_ptr_or_err(py, text)?;
        let data = ffi::PyUnicode_DATA(text.as_ptr()).cast::<u8>();
        let mut rest = std::slice::from_raw_parts_mut(data, len);
        for part in parts {
            let (space, after) = rest.split_at_mut(part.len());
            space.copy_from_slice(part);
            rest = after;
        }
        Ok(text.cast_into_unchecked())
    }
}

/// The limited API cannot fill a text.
#[cfg(feature = "abi3")]
pub fn ascii_of<'a, 'py>(
    py: Python<'py>,
    len: usize,
    parts: impl Iterator<Item = &'a [u8]>,
) -> PyResult<Bound<'py, PyString>> {
    let mut bytes = Vec::with_capacity(len);
    parts.for_each(|part| bytes.extend(part));
    PyString::from_bytes(py, &bytes)
}

/// A text that is made when it is first asked for.
///
/// No lock: of two threads that make it at once, one throws its own away. `OnceLock` takes ten times
/// as many instructions to store one, which is all that an event of a few bytes is asked for.
#[derive(Default)]
pub struct LazyText(AtomicPtr<ffi::PyObject>);

impl From<Bound<'_, PyString>> for LazyText {
    fn from(text: Bound<'_, PyString>) -> Self {
        LazyText(AtomicPtr::new(text.into_ptr()))
    }
}

impl LazyText {
    #[inline(always)]
    pub fn get<'py>(
        &self,
        py: Python<'py>,
        make: impl FnOnce() -> PyResult<Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyString>> {
        let mut text = self.0.load(Ordering::Acquire);
        if text.is_null() {
            let made = make()?;
            text = made.as_ptr();
            let none = ptr::null_mut();
            match self
                .0
                .compare_exchange(none, text, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => std::mem::forget(made),
                Err(other) => text = other,
            }
        }
        // SAFETY: a text to which `self` holds a reference until it is dropped.
        Ok(unsafe { Bound::from_borrowed_ptr(py, text).cast_into_unchecked() })
    }
}

impl Drop for LazyText {
    #[inline(always)]
    fn drop(&mut self) {
        let text = *self.0.get_mut();
        if !text.is_null() {
            // SAFETY: the reference that `get` or `from` has left here. A part of a Python object is
            // dropped by a thread that is attached.
            unsafe { ffi::Py_DECREF(text) };
        }
    }
}

/// UTF-8, decoded to a `str` on first access.
pub struct Utf8Text {
    utf8: Vec<u8>,
    text: LazyText,
}

impl From<Vec<u8>> for Utf8Text {
    fn from(utf8: Vec<u8>) -> Self {
        Utf8Text {
            utf8,
            text: LazyText::default(),
        }
    }
}

impl<'py> IntoPyObject<'py> for &Utf8Text {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = PyErr;

    /// Raises `MemoryError`.
    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        self.text.get(py, || utf8(py, &self.utf8))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Utf8Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Utf8Text {
            utf8: Vec::new(),
            text: LazyText::from(object.cast::<PyString>()?.to_owned()),
        })
    }
}

/// The last text that was made, because most events repeat the name and the id before them.
#[derive(Default)]
pub struct LastText(Option<(Vec<u8>, Py<PyString>)>);

impl LastText {
    #[inline(always)]
    pub fn of(&mut self, py: Python<'_>, bytes: &[u8]) -> PyResult<Py<PyString>> {
        match &self.0 {
            Some((last, text)) if is_same(last, bytes) => Ok(text.clone_ref(py)),
            _ => self.make(py, bytes),
        }
    }

    #[cold]
    fn make(&mut self, py: Python<'_>, bytes: &[u8]) -> PyResult<Py<PyString>> {
        let made = text(py, bytes)?.unbind();
        self.0 = Some((bytes.to_vec(), made.clone_ref(py)));
        Ok(made)
    }
}
