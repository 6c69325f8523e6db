//! The bytes that events refer to, kept alive and in place.

use std::ffi::c_int;
use std::ops::Range;
use std::slice;

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString, PyType};

use crate::py::options::wrong_type;

/// A chunk of a source, or bytes that the engine had to put together.
#[pyclass(frozen, module = "rapidsse._rust")]
pub struct Chunk(Owner);

enum Owner {
    Bytes(Py<PyBytes>),
    /// `view` is the read-only view of single bytes that `buffer` was taken from.
    Buffer {
        buffer: PyUntypedBuffer,
        view: Py<PyAny>,
        in_cycles: bool,
        can_change: bool,
    },
    Joined(Vec<u8>),
}

impl Chunk {
    /// Refers to the bytes of `object` in place.
    pub fn in_place(object: &Bound<'_, PyAny>) -> PyResult<Chunk> {
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            return Ok(Chunk(Owner::Bytes(bytes.clone().unbind())));
        }
        let view = byte_view(object)?;
        let buffer = PyUntypedBuffer::get(&view)?;
        let owner = view.getattr(intern!(view.py(), "obj"))?;
        Ok(Chunk(Owner::Buffer {
            buffer,
            in_cycles: can_refer(&owner)?,
            can_change: owner.is_instance_of::<PyByteArray>(),
            view: view.unbind(),
        }))
    }

    /// Refers to a `bytes` object, and copies any other buffer, which its owner may reuse.
    pub fn lasting(object: &Bound<'_, PyAny>) -> PyResult<Chunk> {
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            return Ok(Chunk(Owner::Bytes(bytes.clone().unbind())));
        }
        let copy = byte_view(object)?.call_method0("tobytes")?;
        Ok(Chunk(Owner::Bytes(copy.cast_into::<PyBytes>()?.unbind())))
    }

    /// Takes bytes that the engine put together.
    pub fn joined(bytes: Vec<u8>) -> Chunk {
        Chunk(Owner::Joined(bytes))
    }

    /// The Python object. The garbage collector need not visit it unless it may be part of a
    /// reference cycle: a large event has thousands.
    pub fn object(self, py: Python<'_>) -> PyResult<Py<Chunk>> {
        let in_cycles = self.in_cycles();
        let object = Py::new(py, self)?;
        if !in_cycles {
            // SAFETY: a live object of a class that is tracked, as one with `__traverse__` is.
            unsafe { ffi::PyObject_GC_UnTrack(object.as_ptr().cast()) };
        }
        Ok(object)
    }

    /// Whether its owner may refer to other objects, and so be part of a reference cycle.
    #[inline(always)]
    pub fn in_cycles(&self) -> bool {
        matches!(self.0, Owner::Buffer { in_cycles, .. } if in_cycles)
    }

    /// Whether other threads of Python may write to it: a `bytearray`, which may be the caller's.
    pub fn can_change(&self) -> bool {
        matches!(self.0, Owner::Buffer { can_change, .. } if can_change)
    }

    #[inline(always)]
    pub fn bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        match &self.0 {
            Owner::Bytes(bytes) => bytes.as_bytes(py),
            Owner::Buffer { buffer, .. } if buffer.len_bytes() == 0 => &[],
            // SAFETY: the buffer is exported, contiguous and of this length for as long as
            // `buffer` lives. The caller must not write to it while it is read, as with every reader
            // of a Python buffer; this slice never outlives a call that runs no Python code.
            Owner::Buffer { buffer, .. } => unsafe {
                slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), buffer.len_bytes())
            },
            Owner::Joined(bytes) => bytes,
        }
    }

    /// A read-only view of a part of the bytes, whose `obj` is the source's own object.
    pub fn view<'py>(slf: &Bound<'py, Chunk>, range: Range<usize>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let view = match &slf.get().0 {
            Owner::Bytes(bytes) => PyMemoryView::from(bytes.bind(py))?.into_any(),
            Owner::Buffer { view, .. } => view.bind(py).clone(),
            Owner::Joined(_) => PyMemoryView::from(slf)?.into_any(),
        };
        view.get_item(slice_of(py, range)?)
    }
}

/// The slice from `range.start` to `range.end`. PyO3's `PySlice::new` never lets go of the
/// numbers, which would cost 64 bytes for every event.
pub fn slice_of<'py>(py: Python<'py>, range: Range<usize>) -> PyResult<Bound<'py, PyAny>> {
    let start = range.start.into_pyobject(py)?;
    let stop = range.end.into_pyobject(py)?;
    // SAFETY: `PySlice_New` takes references of its own to what it is given, and returns a new
    // one, or null with an exception set.
    unsafe {
        let slice = ffi::PySlice_New(start.as_ptr(), stop.as_ptr(), std::ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, slice)
    }
}

/// Whether an object may refer to others that Python's garbage collector visits.
fn can_refer(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    static MMAP: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = object.get_type();
    // SAFETY: a class, which is alive.
    let flags = unsafe { ffi::PyType_GetFlags(class.as_type_ptr()) };
    if flags & ffi::Py_TPFLAGS_HAVE_GC == 0 {
        return Ok(false);
    }
    // A mapping is tracked, but refers to nothing besides its class. A mapped file has many events.
    Ok(!class.is(MMAP.import(object.py(), "mmap", "mmap")?))
}

#[pymethods]
impl Chunk {
    // There is no `__clear__`: what a chunk refers to was there before it, so that any cycle has
    // another object that can be cleared.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.0 {
            // `buffer` holds a reference to the view, too.
            Owner::Buffer { view, .. } => visit.call(view).and_then(|()| visit.call(view)),
            Owner::Bytes(_) | Owner::Joined(_) => Ok(()),
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
        let bytes = slf.get().bytes(slf.py());
        // SAFETY: `view` is Python's. A frozen class never moves or frees the bytes.
        unsafe { fill(slf.as_any(), bytes, view, flags) }
    }
}

/// Fills in a read-only view of bytes that belong to `owner`.
///
/// # Safety
///
/// `view` must be one for Python, and the bytes must live in place as long as `owner`, of which
/// the view holds a reference.
pub unsafe fn fill(
    owner: &Bound<'_, PyAny>,
    bytes: &[u8],
    view: *mut ffi::Py_buffer,
    flags: c_int,
) -> PyResult<()> {
    // SAFETY: as promised by the caller.
    let status = unsafe {
        ffi::PyBuffer_FillInfo(
            view,
            owner.as_ptr(),
            bytes.as_ptr().cast_mut().cast(),
            bytes.len() as ffi::Py_ssize_t,
            1,
            flags,
        )
    };
    if status == 0 {
        Ok(())
    } else {
        Err(PyErr::fetch(owner.py()))
    }
}

/// A read-only, one-dimensional view of the single bytes of any contiguous buffer.
pub fn byte_view<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    const EXPECTED: &str = "expected bytes or another buffer";
    if object.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(format!(
            "{EXPECTED}, not text (str): encode it first"
        )));
    }
    let view = PyMemoryView::from(object).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(object.py()) {
            wrong_type(object, EXPECTED)
        } else {
            error
        }
    })?;
    single_bytes(view.call_method0("toreadonly")?)
}

/// The one-dimensional view of the single bytes of a view. Refuses one that is not contiguous.
pub fn single_bytes(view: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    let is_plain = view.getattr("format")?.eq("B")? && view.getattr("ndim")?.eq(1)?;
    if is_plain && view.getattr("c_contiguous")?.is_truthy()? {
        Ok(view)
    } else {
        view.call_method1("cast", ("B",))
    }
}
