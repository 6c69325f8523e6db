//! The memory of columns, lent to Python and used again.

use std::ffi::c_int;
use std::mem;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::ffi;
use pyo3::prelude::*;
use rapidsse_core::columns::{Spare, Values};

use crate::chunk::fill;

/// Where the memory of columns comes back to.
#[derive(Clone, Default)]
pub struct Pool(Arc<Mutex<Spare>>);

impl Pool {
    /// Calls `take` with the memory that has come back.
    pub fn with<R>(&self, take: impl FnOnce(&mut Spare) -> R) -> R {
        take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The buffers of a column: its offsets, if it has any, and its values.
    pub fn lend(&self, values: Values) -> (Option<Buffer>, Buffer) {
        let buffer = |values| Buffer {
            values,
            pool: self.clone(),
        };
        match values {
            Values::Strings(offsets, bytes) => (
                Some(buffer(Values::Strings(offsets, Vec::new()))),
                buffer(Values::Strings(Vec::new(), bytes)),
            ),
            integers => (None, buffer(integers)),
        }
    }
}

/// Read-only memory that goes back to its pool when Python lets it go.
#[pyclass(frozen, module = "rapidsse._rust")]
pub struct Buffer {
    /// Of strings only the offsets, or only the bytes.
    values: Values,
    pool: Pool,
}

impl Buffer {
    fn bytes(&self) -> &[u8] {
        match &self.values {
            Values::Integers(integers) => bytes_of(integers),
            Values::Strings(offsets, bytes) if offsets.is_empty() => bytes,
            Values::Strings(offsets, _) => bytes_of(offsets),
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = mem::replace(&mut self.values, Values::Integers(Vec::new()));
        self.pool.with(|spare| spare.keep(values));
    }
}

/// The memory of plain integers.
fn bytes_of<T: Copy>(integers: &[T]) -> &[u8] {
    // SAFETY: the slice is of the bytes that the elements take, and `Values` holds only `i32` and
    // `i64`, which have no padding.
    unsafe { slice::from_raw_parts(integers.as_ptr().cast(), size_of_val(integers)) }
}

#[pymethods]
impl Buffer {
    /// # Safety
    ///
    /// Python calls it with a `view` to fill in.
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: `view` is Python's. A frozen class never moves or frees the bytes.
        unsafe { fill(slf.as_any(), slf.get().bytes(), view, flags) }
    }
}
