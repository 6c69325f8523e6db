//! The class of the events that a `FrameReader` makes.

use pyo3::Borrowed;
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyTuple, PyType};

use crate::classes::event::ServerSentEvent;

/// The class of the events: `ServerSentEvent`, or a subclass that adds methods only.
pub struct EventType(pub Option<Py<PyType>>);

impl<'a, 'py> FromPyObject<'a, 'py> for EventType {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let base = py.get_type::<ServerSentEvent>();
        if object.is(&base) {
            return Ok(EventType(None));
        }
        match object.cast::<PyType>() {
            Ok(class) if class.is_subclass(&base)? && layout(&class)?.eq(layout(&base)?)? => {
                Ok(EventType(Some(class.to_owned().unbind())))
            }
            _ => Err(PyTypeError::new_err(format!(
                "event_type must be ServerSentEvent or a subclass with empty __slots__, not {}",
                object.repr()?
            ))),
        }
    }
}

impl EventType {
    /// The Python object. The garbage collector need not visit it unless it, or a class of the
    /// user's, may be part of a reference cycle.
    #[inline(always)]
    pub fn instance(
        &self,
        py: Python<'_>,
        event: ServerSentEvent,
    ) -> PyResult<Py<ServerSentEvent>> {
        let object = Py::new(py, event)?;
        if let Some(subclass) = &self.0 {
            become_instance(object.bind(py), subclass.bind(py));
        } else if !object.get().in_cycles() {
            // SAFETY: a live object of a class that is tracked, as one with `__traverse__` is.
            unsafe { ffi::PyObject_GC_UnTrack(object.as_ptr().cast()) };
        }
        Ok(object)
    }
}

/// Equal for two classes, one derived from the other, whose objects have the same layout. A
/// `__dict__` or weak references may lie before the object, where its size does not show them.
fn layout<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyTuple>> {
    let py = class.py();
    let size = class.getattr(intern!(py, "__basicsize__"))?;
    let dict = class.getattr(intern!(py, "__dictoffset__"))?;
    let weak = class.getattr(intern!(py, "__weakrefoffset__"))?;
    (size, dict, weak).into_pyobject(py)
}

/// Makes a new event an instance of a subclass: a call of the class would cost more than the event.
#[inline(always)]
fn become_instance(object: &Bound<'_, ServerSentEvent>, subclass: &Bound<'_, PyType>) {
    let base = object.get_type();
    let subclass = subclass.clone().into_ptr();
    // SAFETY: nobody else has seen the object yet. Its layout is that of the subclass, which
    // `EventType` has checked. An object holds a reference to its class: the one to `subclass`
    // was just taken, the one to `base` is given up.
    unsafe {
        (*object.as_ptr()).ob_type = subclass.cast();
        ffi::Py_DECREF(base.as_ptr());
    }
}
