//! A payload that lies in several chunks.

use std::ops::Range;
use std::os::raw::c_int;
use std::sync::OnceLock;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PySlice;
use rapidsse_core::input::Part;
use rapidsse_core::segments::{self, Segment};

use crate::py::chunks::{self, Chunk};

/// Bytes that lie in several chunks, and act as if they lay in one.
///
/// A slice is a view of its chunk, or a `Segments` where it takes several. As a buffer it is put
/// together when one is first asked for.
#[pyclass(frozen, module = "rapidsse._rust")]
pub struct Segments {
    parts: Vec<Part<Py<Chunk>>>,
    len: usize,
    joined: OnceLock<Vec<u8>>,
}

impl Segments {
    fn new(parts: Vec<Part<Py<Chunk>>>) -> Segments {
        Segments {
            len: parts.iter().map(|(_, range)| range.len()).sum(),
            parts,
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
        let joined = Py::new(py, Chunk::joined(joined))?;
        let parts = segments.iter().map(|segment| match segment {
            Segment::Joined(range) => (joined.clone_ref(py), range.clone()),
            Segment::Kept(number) => {
                let (chunk, range) = &kept[*number];
                (chunk.clone_ref(py), range.clone())
            }
        });
        Ok(Segments::new(parts.collect()))
    }

    /// Everything in one piece.
    pub fn join(&self, py: Python<'_>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len);
        for (chunk, range) in &self.parts {
            bytes.extend_from_slice(&chunk.get().bytes(py)[range.clone()]);
        }
        bytes
    }

    fn slice(&self, py: Python<'_>, range: Range<usize>) -> Vec<Part<Py<Chunk>>> {
        let lengths = self.parts.iter().map(|(_, part)| part.len());
        let parts = segments::slice(lengths, range).map(|(number, inner)| {
            let (chunk, part) = &self.parts[number];
            (
                chunk.clone_ref(py),
                part.start + inner.start..part.start + inner.end,
            )
        });
        parts.collect()
    }
}

#[pymethods]
impl Segments {
    // No `__clear__`, as for a chunk.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.parts
            .iter()
            .try_for_each(|(chunk, _)| visit.call(chunk))
    }

    fn __len__(&self) -> usize {
        self.len
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        slice: &Bound<'py, PySlice>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let indices = slice.indices(self.len as isize)?;
        if indices.step != 1 {
            return Err(PyTypeError::new_err("a slice of it must have step 1"));
        }
        let start = indices.start as usize;
        let parts = self.slice(py, start..start + indices.slicelength);
        match &parts[..] {
            [] => Ok(pyo3::types::PyBytes::new(py, b"").into_any()),
            [(chunk, range)] => Chunk::view(chunk.bind(py), range.clone()),
            _ => Ok(Bound::new(py, Segments::new(parts))?.into_any()),
        }
    }

    /// # Safety
    ///
    /// Python calls it with a `view` to fill in.
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let segments = slf.get();
        let bytes = segments.joined.get().unwrap_or_else(|| {
            let bytes = segments.join(slf.py());
            // No code of Python's runs while this lock is taken.
            segments.joined.get_or_init(|| bytes)
        });
        // SAFETY: `view` is Python's. A frozen object never moves or frees what it has joined.
        unsafe { chunks::fill(slf.as_any(), bytes, view, flags) }
    }
}
