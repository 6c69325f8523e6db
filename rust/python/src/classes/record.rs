//! Classes of nothing but fields: what the readers pass to their handlers.
//!
//! They behave as the frozen classes of the pure engine: constructor, `==`, `hash`, `repr`.

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
                pyo3::types::PyTuple::new(py, [$(stringify!($field),)*])
            }

            fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
                let fields = [$(format!(
                    concat!(stringify!($field), "={}"),
                    slf.getattr(stringify!($field))?.repr()?,
                ),)*];
                Ok(format!("{}({})", stringify!($name), fields.join(", ")))
            }

            fn __richcmp__(
                slf: &Bound<'_, Self>,
                other: &Bound<'_, PyAny>,
                op: pyo3::basic::CompareOp,
            ) -> PyResult<Py<PyAny>> {
                let py = slf.py();
                use pyo3::basic::CompareOp;
                let (true, CompareOp::Eq | CompareOp::Ne) = (other.is_instance_of::<Self>(), op)
                else {
                    return Ok(py.NotImplemented());
                };
                let other = Self::fields(other)?;
                Ok(Self::fields(slf)?.rich_compare(other, op)?.unbind())
            }

            fn __hash__(slf: &Bound<'_, Self>) -> PyResult<isize> {
                Self::fields(slf)?.hash()
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
            fn fields<'py>(
                object: &Bound<'py, PyAny>,
            ) -> PyResult<Bound<'py, pyo3::types::PyTuple>> {
                let fields = [$(object.getattr(stringify!($field))?,)*];
                pyo3::types::PyTuple::new(object.py(), fields)
            }
        }
    };
}
pub(crate) use record;

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
