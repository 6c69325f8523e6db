//! Values that are made of another one, in place of decoding their events.

use std::marker::PhantomData;
use std::ptr;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString, PyTuple, PyType};
use pyo3::{ffi, intern};
use rapidsse_core::like::{Kind, Member, Scalar, Step};

use crate::py::parts::{self, Part};

/// Values of more fields are decoded.
const MAX_FIELDS: usize = 16;

/// What the values are made of: see `_typed/_prototype.py`.
pub struct Prototype {
    kind: Py<PyType>,
    names: Py<PyTuple>,
    values: Vec<Py<PyAny>>,
    places: Vec<Option<usize>>,
    parts: Vec<(usize, Part)>,
    /// The part of `parts` that is all that is asked for, where the values themselves are not.
    item: Option<usize>,
}

/// The paths of members and their types, as Python is given them.
pub fn described<'py>(py: Python<'py>, members: &[Member]) -> PyResult<Bound<'py, PyTuple>> {
    let pairs = members.iter().map(|member| {
        let kind = match member.kind {
            Kind::Text => py.get_type::<PyString>(),
            Kind::Integer => py.get_type::<PyInt>(),
        };
        let steps = member.path.iter().map(|step| match step {
            Step::Key(key) => Ok(PyBytes::new(py, key).into_any()),
            Step::Index(index) => Ok(index.into_pyobject(py)?.into_any()),
        });
        let path = PyTuple::new(py, steps.collect::<PyResult<Vec<_>>>()?)?;
        Ok((path, kind))
    });
    PyTuple::new(py, pairs.collect::<PyResult<Vec<_>>>()?)
}

impl Prototype {
    /// What Python says that values are made of, which have so many members; `None` if it says that
    /// they are not.
    pub fn of(made: &Bound<'_, PyAny>, members: usize) -> PyResult<Option<Self>> {
        let py = made.py();
        if made.is_none() {
            return Ok(None);
        }
        let part = |pair: PyResult<Bound<'_, PyAny>>| {
            let pair = pair?;
            Ok((
                pair.get_item(0)?.extract()?,
                Part::of(&pair.get_item(1)?, members)?,
            ))
        };
        let made = Prototype {
            kind: made.getattr(intern!(py, "type"))?.extract()?,
            names: made.getattr(intern!(py, "names"))?.extract()?,
            values: made.getattr(intern!(py, "values"))?.extract()?,
            places: made.getattr(intern!(py, "places"))?.extract()?,
            parts: made
                .getattr(intern!(py, "parts"))?
                .try_iter()?
                .map(part)
                .collect::<PyResult<_>>()?,
            item: made.getattr(intern!(py, "item"))?.extract()?,
        };
        let fields = made.values.len();
        let is_usable = fields <= MAX_FIELDS
            && made.names.bind(py).len() == fields
            && made.changed().count() <= MAX_FIELDS
            && made.changed().all(|place| place < fields)
            && made.item.is_none_or(|part| part < made.parts.len());
        Ok(is_usable.then_some(made))
    }

    /// Where values are other than those of `values`.
    fn changed(&self) -> impl Iterator<Item = usize> {
        let parts = self.parts.iter().map(|(place, _)| *place);
        self.places.iter().flatten().copied().chain(parts)
    }

    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.kind)?;
        self.parts
            .iter()
            .try_for_each(|(_, part)| part.traverse(visit))?;
        self.values.iter().try_for_each(|value| visit.call(value))
    }

    /// Whether the values have a part that may be asked for alone.
    pub fn has_item(&self) -> bool {
        self.item.is_some()
    }

    /// That part of the value with these values of the members; `None` if there is none.
    #[inline(always)]
    pub fn item_with<'py>(
        &self,
        py: Python<'py>,
        payload: &[u8],
        members: &[Scalar],
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.item
            .map(|part| self.parts[part].1.with(py, payload, members))
            .transpose()
    }

    /// The value with these values of the members, whose texts lie in `payload`.
    #[inline(always)]
    pub fn with<'py>(
        &self,
        py: Python<'py>,
        payload: &[u8],
        members: &[Scalar],
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut values = [ptr::null_mut(); MAX_FIELDS];
        for (slot, value) in values.iter_mut().zip(&self.values) {
            *slot = value.as_ptr();
        }
        let mut new = Owned::default();
        for (place, member) in self.places.iter().zip(members) {
            let Some(place) = *place else { continue };
            values[place] = new.hold(parts::scalar(py, payload, member)?);
        }
        for (place, part) in &self.parts {
            values[*place] = new.hold(part.with(py, payload, members)?);
        }
        // SAFETY: there are as many values as names, each held by `self` or by `new`. The result is a
        // new reference, or null with an error set.
        unsafe {
            let made = ffi::PyObject_Vectorcall(
                self.kind.as_ptr(),
                values.as_ptr(),
                0,
                self.names.as_ptr(),
            );
            Bound::from_owned_ptr_or_err(py, made)
        }
    }
}

/// Up to `MAX_FIELDS` references, without asking for memory.
struct Owned<'py> {
    held: [*mut ffi::PyObject; MAX_FIELDS],
    count: usize,
    py: PhantomData<Python<'py>>,
}

impl Default for Owned<'_> {
    fn default() -> Self {
        Owned {
            held: [ptr::null_mut(); MAX_FIELDS],
            count: 0,
            py: PhantomData,
        }
    }
}

impl<'py> Owned<'py> {
    #[inline(always)]
    fn hold(&mut self, value: Bound<'py, PyAny>) -> *mut ffi::PyObject {
        let slot = &mut self.held[self.count];
        *slot = value.into_ptr();
        self.count += 1;
        *slot
    }
}

impl Drop for Owned<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        for value in &self.held[..self.count] {
            // SAFETY: `hold` took this reference, and the thread is attached as long as `'py` lasts.
            unsafe { ffi::Py_DECREF(*value) };
        }
    }
}
