//! A payload that lies in several chunks.

use std::mem;
use std::ops::Range;
use std::os::raw::c_int;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyMemoryView, PySlice, PyString};
use rapidsse_core::input::Part;
use rapidsse_core::segments::{self, Segment};

use crate::py::chunks::{self, Chunk};
use crate::py::text;

/// Bytes that lie in several chunks, and act as if they lay in one.
///
/// A slice is a view of its chunk, or a `Segments` where it takes several. As a buffer it is put
/// together when one is first asked for, and lets go of the chunks.
#[pyclass(frozen, module = "rapidsse._rust")]
pub struct Segments {
    /// Empty once they are joined. No code of Python's runs while they are locked.
    parts: Mutex<Parts>,
    len: usize,
    is_ascii: bool,
    in_cycles: bool,
    joined: OnceLock<Vec<u8>>,
}

pub type Parts = Vec<Part<Py<Chunk>>>;

impl Segments {
    fn new(parts: Parts, is_ascii: bool) -> Segments {
        Segments {
            len: parts.iter().map(|(_, range)| range.len()).sum(),
            in_cycles: parts.iter().any(|(chunk, _)| chunk.get().in_cycles()),
            parts: Mutex::new(parts),
            is_ascii,
            joined: OnceLock::new(),
        }
    }

    /// The payload that consists of these segments of `joined` and of the `kept` parts.
    pub fn of(
        py: Python<'_>,
        joined: Vec<u8>,
        kept: &[Part<Py<Chunk>>],
        segments: &[Segment],
    ) -> PyResult<Segments> {
        // What is kept is clean.
        let is_ascii = joined.is_ascii();
        let joined = Chunk::joined(joined).object(py)?;
        let parts = segments.iter().map(|segment| match segment {
            Segment::Joined(range) => (joined.clone_ref(py), range.clone()),
            Segment::Kept(number) => {
                let (chunk, range) = &kept[*number];
                (chunk.clone_ref(py), range.clone())
            }
        });
        Ok(Segments::new(parts.collect(), is_ascii))
    }

    /// Whether they may be part of a reference cycle, by way of their chunks.
    pub fn in_cycles(&self) -> bool {
        self.in_cycles
    }

    /// All of them, put together.
    pub fn bytes(&self, py: Python<'_>) -> &[u8] {
        if let Some(bytes) = self.joined.get() {
            return bytes;
        }
        let bytes = self.joined.get_or_init(|| {
            let mut bytes = Vec::with_capacity(self.len);
            for (chunk, range) in self.parts().iter() {
                bytes.extend_from_slice(&chunk.get().bytes(py)[range.clone()]);
            }
            bytes
        });
        let parts = mem::take(&mut *self.parts());
        drop(parts);
        bytes
    }

    /// The text, invalid UTF-8 replaced by U+FFFD.
    pub fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        match self.ascii_text(py)? {
            Some(text) => Ok(text),
            None => text::text(py, self.bytes(py)),
        }
    }

    /// The text, made of the parts without joining them; `None` if they are joined, or not all ASCII.
    fn ascii_text<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyString>>> {
        let parts = self.parts();
        if !self.is_ascii || self.joined.get().is_some() {
            return Ok(None);
        }
        let parts = parts
            .iter()
            .map(|(chunk, range)| &chunk.get().bytes(py)[range.clone()]);
        text::ascii_of(py, self.len, parts).map(Some)
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A range of it: a view of its chunk, or a `Segments` where it takes several.
    pub fn part<'py>(slf: &Bound<'py, Self>, range: Range<usize>) -> PyResult<Bound<'py, PyAny>> {
        let (py, segments) = (slf.py(), slf.get());
        let Some(parts) = segments.slice(py, range.clone()) else {
            return PyMemoryView::from(slf)?.get_item(chunks::slice_of(py, range)?);
        };
        match &parts[..] {
            [] => Ok(pyo3::types::PyBytes::new(py, b"").into_any()),
            [(chunk, range)] => Chunk::view(chunk.bind(py), range.clone()),
            _ => Ok(Bound::new(py, Segments::new(parts, segments.is_ascii))?.into_any()),
        }
    }

    /// The parts, unless they are joined.
    pub fn separate(&self, py: Python<'_>) -> Option<Parts> {
        self.slice(py, 0..self.len)
    }

    /// The parts of a range; `None` if they are joined.
    fn slice(&self, py: Python<'_>, range: Range<usize>) -> Option<Parts> {
        let whole = self.parts();
        if self.joined.get().is_some() {
            return None;
        }
        let lengths = whole.iter().map(|(_, part)| part.len());
        let parts = segments::slice(lengths, range).map(|(number, inner)| {
            let (chunk, part) = &whole[number];
            (
                chunk.clone_ref(py),
                part.start + inner.start..part.start + inner.end,
            )
        });
        Some(parts.collect())
    }
}

#[pymethods]
impl Segments {
    // No `__clear__`, as for a chunk.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Not while another thread holds them, which then refers to them.
        let Ok(parts) = self.parts.try_lock() else {
            return Ok(());
        };
        parts.iter().try_for_each(|(chunk, _)| visit.call(chunk))
    }

    fn __len__(&self) -> usize {
        self.len
    }

    fn __getitem__<'py>(
        slf: &Bound<'py, Self>,
        slice: &Bound<'py, PySlice>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let indices = slice.indices(slf.get().len as isize)?;
        if indices.step != 1 {
            return Err(PyTypeError::new_err("a slice of it must have step 1"));
        }
        let start = indices.start as usize;
        Segments::part(slf, start..start + indices.slicelength)
    }

    /// # Safety
    ///
    /// Python calls it with a `view` to fill in.
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let bytes = slf.get().bytes(slf.py());
        // SAFETY: `view` is Python's. A frozen object never moves or frees what it has joined.
        unsafe { chunks::fill(slf.as_any(), bytes, view, flags) }
    }
}
