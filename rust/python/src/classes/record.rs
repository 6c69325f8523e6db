//! Classes of nothing but fields: what the readers pass to their handlers.
//!
//! They behave as the frozen classes of the pure engine: constructor, `==`, `hash`, `repr`.

use pyo3::basic::CompareOp;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

/// A class of nothing but these fields.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[pyclass(frozen, get_all, module = "rapidsse._rust")]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        #[pymethods]
        impl $name {
            #[new]
            #[expect(clippy::too_many_arguments, reason = "the fields of the Python class")]
            #[allow(unfulfilled_lint_expectations, reason = "where there are fewer")]
            fn new($($field: $type,)*) -> Self {
                $name { $($field,)* }
            }

            #[classattr]
            fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, pyo3::types::PyTuple>> {
                pyo3::types::PyTuple::new(py, Self::FIELDS)
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                $crate::classes::record::repr(slf, stringify!($name), Self::FIELDS)
            }

            fn __richcmp__(
                slf: &Bound<'_, Self>,
                other: &Bound<'_, PyAny>,
                op: pyo3::basic::CompareOp,
            ) -> PyResult<Py<PyAny>> {
                let is_same = other.is_instance_of::<Self>();
                $crate::classes::record::compare(slf, other, op, is_same, Self::FIELDS)
            }

            fn __hash__(slf: &Bound<'_, Self>) -> PyResult<isize> {
                $crate::classes::record::values(slf, Self::FIELDS)?.hash()
            }

            fn __traverse__(
                &self,
                visit: pyo3::gc::PyVisit<'_>,
            ) -> Result<(), pyo3::gc::PyTraverseError> {
                use $crate::classes::record::Refers;
                $(self.$field.refers(&visit)?;)*
                Ok(())
            }
        }

        impl $name {
            const FIELDS: &[&str] = &[$(stringify!($field),)*];
        }
    };
}
pub(crate) use record;

// What the classes share is compiled once: it would be much code if each had its own.

pub fn repr(record: &Bound<'_, PyAny>, name: &str, fields: &[&str]) -> PyResult<String> {
    let fields = fields
        .iter()
        .map(|field| Ok(format!("{field}={}", record.getattr(*field)?.repr()?)))
        .collect::<PyResult<Vec<_>>>()?;
    Ok(format!("{name}({})", fields.join(", ")))
}

/// `==` and `!=`; `is_same` says whether both are of the same class.
pub fn compare(
    record: &Bound<'_, PyAny>,
    other: &Bound<'_, PyAny>,
    op: CompareOp,
    is_same: bool,
    fields: &[&str],
) -> PyResult<Py<PyAny>> {
    if !is_same || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(record.py().NotImplemented());
    }
    let other = values(other, fields)?;
    Ok(values(record, fields)?.rich_compare(other, op)?.unbind())
}

/// What the fields hold.
pub fn values<'py>(record: &Bound<'py, PyAny>, fields: &[&str]) -> PyResult<Bound<'py, PyTuple>> {
    let values = fields
        .iter()
        .map(|field| record.getattr(*field))
        .collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(record.py(), values)
}

/// What the garbage collector has to visit of a field.
pub trait Refers {
    fn refers(&self, _visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        Ok(())
    }
}

impl Refers for u32 {}
impl Refers for u64 {}
impl Refers for usize {}
impl Refers for Option<u64> {}
impl Refers for i64 {}
impl Refers for Option<i64> {}
impl Refers for bool {}
impl Refers for Py<PyString> {}
impl Refers for Option<Py<PyString>> {}
// Of integers and strings, or of records of these.
impl Refers for Py<PyTuple> {}

impl Refers for Py<PyAny> {
    fn refers(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(self)
    }
}
