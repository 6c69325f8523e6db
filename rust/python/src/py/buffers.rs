//! The memory of columns, lent to Python and used again.

use std::ffi::c_int;
use std::mem;
use std::slice;
use std::sync::{Mutex, PoisonError};

use pyo3::ffi;
use pyo3::prelude::*;
use rapidsse_core::logs::arrow::{Spare, Values};

use crate::py::chunks::fill;

static SPARE: Mutex<Spare> = Mutex::new(Spare::new());

/// Calls `take` with the memory that has come back, of any reader.
pub fn with_spare<R>(take: impl FnOnce(&mut Spare) -> R) -> R {
    take(&mut SPARE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The buffers of a column: its offsets, if it has any, and its values.
pub fn lend(values: Values) -> (Option<Buffer>, Buffer) {
    match values {
        Values::Strings(offsets, bytes) => (
            Some(Buffer(Values::Strings(offsets, Vec::new()))),
            Buffer(Values::Strings(Vec::new(), bytes)),
        ),
        integers => (None, Buffer(integers)),
    }
}

/// Read-only memory that is used again when Python lets it go: of strings only the offsets, or
/// only the bytes.
#[pyclass(frozen, module = "rapidsse._rust")]
pub struct Buffer(Values);

impl Buffer {
    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Values::Integers(integers) => bytes_of(integers),
            Values::Strings(offsets, bytes) if offsets.is_empty() => bytes,
            Values::Strings(offsets, _) => bytes_of(offsets),
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = mem::replace(&mut self.0, Values::Integers(Vec::new()));
        with_spare(|spare| spare.keep(values));
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
