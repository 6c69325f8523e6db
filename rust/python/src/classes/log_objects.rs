//! `Place`, `Event`, `Failure` and `StreamEnd`: what `LogReader` passes to its handler.
//!
//! They behave as the frozen classes of the pure engine: constructor, `==`, `hash`, `repr`.

use pyo3::basic::CompareOp;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rapidsse_core::logs::columns;

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
            fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
                PyTuple::new(py, [$(stringify!($field),)*])
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
                op: CompareOp,
            ) -> PyResult<Py<PyAny>> {
                let py = slf.py();
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

            fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
                $(self.$field.refers(&visit)?;)*
                Ok(())
            }
        }

        impl $name {
            fn fields<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
                let fields = [$(object.getattr(stringify!($field))?,)*];
                PyTuple::new(object.py(), fields)
            }
        }
    };
}

/// What the garbage collector has to visit of a field.
trait Refers {
    fn refers(&self, _visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        Ok(())
    }
}

impl Refers for u64 {}
impl Refers for i64 {}
impl Refers for bool {}
impl Refers for Py<PyString> {}
impl Refers for Option<Py<PyString>> {}
impl Refers for Py<Place> {}
// Of integers and strings.
impl Refers for Py<PyTuple> {}

impl Refers for Py<PyAny> {
    fn refers(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(self)
    }
}

record! {
    /// Where an event lies in a log.
    Place {
        /// The offset at which the event's stream begins.
        stream: u64,
        /// The event's own offset.
        offset: u64,
        /// The bytes of the event's lines.
        length: u64,
        /// The event's number in its stream, from 0.
        index: u64,
    }
}

impl Place {
    pub fn of(place: columns::Place) -> Place {
        let columns::Place {
            stream,
            offset,
            length,
            index,
        } = place;
        Place {
            stream,
            offset,
            length,
            index,
        }
    }
}

record! {
    /// An event that was asked for.
    Event {
        place: Py<Place>,
        /// The name of its `event` line, else its payload's `type`, else `message`.
        name: Py<PyString>,
        /// The id of its response, as far as it is known.
        response_id: Option<Py<PyString>>,
        /// `bytes`, or a view of the chunk.
        payload: Py<PyAny>,
        /// The base64 fields of the payload: start, end and the number of their content.
        spans: Py<PyTuple>,
    }
}

record! {
    /// An event that did not decode.
    Failure {
        place: Py<Place>,
        name: Py<PyString>,
        /// Why: a kind of `DecodeError`, or `too_large`.
        kind: Py<PyString>,
        /// `None` if it was not kept.
        payload: Py<PyAny>,
    }
}

record! {
    /// A stream that has ended.
    StreamEnd {
        /// The offset at which it began.
        stream: u64,
        /// The API whose events it holds, `""` if none is known.
        api: Py<PyString>,
        response_id: Option<Py<PyString>>,
        /// The events that decoded, and those that did not.
        events: u64,
        failures: u64,
        /// Sequence numbers that never came, and that came again.
        missing: i64,
        duplicates: i64,
        /// Whether its last event came.
        complete: bool,
        /// Its text deltas, joined for each part of the output: two indices and the text.
        texts: Py<PyTuple>,
        /// Whether `texts` has all of them.
        texts_whole: bool,
    }
}
