//! `CutHook`: what a JSON decoder asks for the objects that stand for base64 that was cut out.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyType};
use rapidsse_core::typed::Cut;

use crate::py::parts::{self, Attribute};
use crate::py::place::Place;

/// Makes objects of a class, for the placeholders of the payload that is being decoded.
///
/// Any number of readers may have one, in any threads. Only one payload at a time is decoded with it:
/// no other could be told from that.
#[pyclass(frozen, module = "rapidsse._rust")]
pub struct CutHook {
    kind: Py<PyType>,
    text: Attribute,
    unset: Attribute,
    /// No code of Python's runs while it is locked.
    current: Mutex<Option<(Cut, Place)>>,
}

#[pymethods]
impl CutHook {
    /// For objects of which the attribute `text` is a view of their text, and `unset` is None.
    #[new]
    fn new(
        kind: &Bound<'_, PyType>,
        text: &Bound<'_, PyString>,
        unset: &Bound<'_, PyString>,
    ) -> PyResult<Self> {
        if !parts::is_allocated_as_objects_are(kind) {
            return Err(PyValueError::new_err("the class has a __new__ of its own"));
        }
        Ok(CutHook {
            kind: kind.clone().unbind(),
            text: Attribute::of(kind, text)?,
            unset: Attribute::of(kind, unset)?,
            current: Mutex::new(None),
        })
    }

    // No `__clear__`: the class was there before.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.kind)?;
        self.text.traverse(&visit)?;
        self.unset.traverse(&visit)
    }

    /// The object for a placeholder. Raises `ValueError` for anything else, which ends the decoding.
    fn __call__<'py>(
        &self,
        expected: &Bound<'py, PyAny>,
        value: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = value.py();
        let text = match value.cast_exact::<PyString>() {
            Ok(text) if expected.is(&self.kind) => text.to_str()?,
            _ => return Err(PyValueError::new_err("not of this class")),
        };
        let taken = match &mut *self.current() {
            Some((cut, place)) => cut.take(text).map(|span| (span, place.clone_ref(py))),
            None => None,
        };
        let Some((span, place)) = taken else {
            return Err(PyValueError::new_err("no placeholder of this payload"));
        };
        let object = parts::new_object(self.kind.bind(py))?;
        self.text.set(&object, place.part(py, span)?)?;
        self.unset.set(&object, py.None().into_bound(py))?;
        Ok(object)
    }
}

impl CutHook {
    fn current(&self) -> MutexGuard<'_, Option<(Cut, Place)>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the hook is for this payload now; not if it is for another.
    fn begin(&self, cut: Cut, place: Place) -> bool {
        let mut current = self.current();
        let is_free = current.is_none();
        if is_free {
            *current = Some((cut, place));
        }
        is_free
    }

    fn end(&self) -> Option<(Cut, Place)> {
        self.current().take()
    }
}

/// A decoder with its hook.
pub struct CutDecoder {
    hook: Py<CutHook>,
    decode: Py<PyAny>,
}

impl CutDecoder {
    /// A pair of a hook and of the function that decodes with it.
    pub fn of(made: &Bound<'_, PyAny>) -> PyResult<CutDecoder> {
        let (hook, decode) = made.extract()?;
        Ok(CutDecoder { hook, decode })
    }

    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.hook)?;
        visit.call(&self.decode)
    }

    /// What decoding gave, and what was taken of the cut meanwhile. `None` if the hook is in use.
    pub fn decode<'py>(
        &self,
        json: &Bound<'py, PyBytes>,
        cut: Cut,
        place: &Place,
    ) -> PyResult<Option<(PyResult<Bound<'py, PyAny>>, Cut)>> {
        let py = json.py();
        // The function may be called meanwhile that clears the reader.
        let (hook, decode) = (self.hook.bind(py).clone(), self.decode.bind(py).clone());
        if !hook.get().begin(cut, place.clone_ref(py)) {
            return Ok(None);
        }
        let value = decode.call1((json,));
        Ok(hook.get().end().map(|(cut, _place)| (value, cut)))
    }
}
