//! Values that are made of another one, in place of decoding their events.

use std::marker::PhantomData;
use std::ptr;

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyBytes, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};
use pyo3::{ffi, intern};
use rapidsse_core::like::{Kind, Member, Scalar, Step};

use crate::py::parts::{self, Attribute, Part};

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
    copied: Option<Copied>,
}

/// A Struct that is copied, in place of calling its class with keywords, which takes half as long
/// again.
struct Copied {
    copy: CopyMethod,
    /// What sets the fields at `places`, and those of `parts`, which lie in slots of their own.
    members: Vec<Option<Attribute>>,
    parts: Vec<Attribute>,
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
        let mut made = Prototype {
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
            copied: None,
        };
        let fields = made.values.len();
        let is_usable = fields <= MAX_FIELDS
            && made.names.bind(py).len() == fields
            && made.changed().count() <= MAX_FIELDS
            && made.changed().all(|place| place < fields)
            && made.item.is_none_or(|part| part < made.parts.len());
        if !is_usable {
            return Ok(None);
        }
        made.copied = made.copied(py)?;
        Ok(Some(made))
    }

    /// What is copied; `None` if the fields that change are not certain to lie where their names say.
    fn copied(&self, py: Python<'_>) -> PyResult<Option<Copied>> {
        static COPY: PyOnceLock<(Py<PyType>, Py<PyAny>)> = PyOnceLock::new();
        let (base, copy) = COPY.get_or_try_init(py, || {
            let base = py
                .import(intern!(py, "msgspec"))?
                .getattr(intern!(py, "Struct"))?;
            let copy = base.getattr(intern!(py, "__copy__"))?;
            PyResult::Ok((base.extract()?, copy.unbind()))
        })?;
        if !self.kind.bind(py).is_subclass(base.bind(py))? {
            return Ok(None);
        }
        // An object of its own in the place of each value that changes, and one that the garbage
        // collector tracks where the value may be: only then does it track the Struct, and its copies.
        let values = self.values.iter().map(|value| value.clone_ref(py));
        let mut values: Vec<Py<PyAny>> = values.collect();
        for place in self.places.iter().flatten() {
            values[*place] = PyFloat::new(py, 0.5).into_any().unbind();
        }
        for (place, _) in &self.parts {
            values[*place] = PyList::empty(py).into_any().unbind();
        }
        let names = self.names.bind(py);
        let pairs = names.iter().zip(&values).into_py_dict(py)?;
        let original = self.kind.bind(py).call((), Some(&pairs))?;
        // That object shows that a slot is the field's.
        let slot = |place: usize| {
            let name = names.get_item(place)?.cast_into::<PyString>()?;
            let attribute = Attribute::of(self.kind.bind(py), &name).ok();
            PyResult::Ok(attribute.filter(|it| it.stores(&original, values[place].bind(py))))
        };
        let mut members = Vec::new();
        for place in &self.places {
            members.push(match *place {
                Some(place) => match slot(place)? {
                    Some(attribute) => Some(attribute),
                    None => return Ok(None),
                },
                None => None,
            });
        }
        let mut parts = Vec::new();
        for (place, _) in &self.parts {
            match slot(*place)? {
                Some(attribute) => parts.push(attribute),
                None => return Ok(None),
            }
        }
        let Some(copy) = CopyMethod::of(copy.bind(py), original)? else {
            return Ok(None);
        };
        Ok(Some(Copied {
            copy,
            members,
            parts,
        }))
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
        if let Some(copied) = &self.copied {
            copied.traverse(visit)?;
        }
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
        let Some(copied) = &self.copied else {
            return self.called_with(py, payload, members);
        };
        let new = copied.copy.call(py)?;
        for (attribute, member) in copied.members.iter().zip(members) {
            if let Some(attribute) = attribute {
                attribute.set(&new, parts::scalar(py, payload, member)?)?;
            }
        }
        for (attribute, (_, part)) in copied.parts.iter().zip(&self.parts) {
            attribute.set(&new, part.with(py, payload, members)?)?;
        }
        Ok(new)
    }

    /// The same by a call of the class.
    #[cold]
    fn called_with<'py>(
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
        // SAFETY: there are as many values as names, each held by `self` or by `new`.
        unsafe { called(self.kind.bind(py), self.names.bind(py), &values) }
    }
}

/// Calls a class with keywords: as many of the first values as there are names.
///
/// # Safety
/// Each of these values must be an object that lives as long as the call.
#[cfg(not(feature = "abi3"))]
unsafe fn called<'py>(
    kind: &Bound<'py, PyType>,
    names: &Bound<'py, PyTuple>,
    values: &[*mut ffi::PyObject],
) -> PyResult<Bound<'py, PyAny>> {
    assert!(names.len() <= values.len());
    // SAFETY: the caller's. The result is a new reference, or null with an error set.
    unsafe {
        let made = ffi::PyObject_Vectorcall(kind.as_ptr(), values.as_ptr(), 0, names.as_ptr());
        Bound::from_owned_ptr_or_err(kind.py(), made)
    }
}

/// The limited API of CPython 3.11 has no vectorcall.
///
/// # Safety
/// Each of these values must be an object that lives as long as the call.
#[cfg(feature = "abi3")]
unsafe fn called<'py>(
    kind: &Bound<'py, PyType>,
    names: &Bound<'py, PyTuple>,
    values: &[*mut ffi::PyObject],
) -> PyResult<Bound<'py, PyAny>> {
    let keywords = pyo3::types::PyDict::new(kind.py());
    for (name, &value) in names.iter().zip(values) {
        // SAFETY: the caller's.
        keywords.set_item(name, unsafe { Bound::from_borrowed_ptr(kind.py(), value) })?;
    }
    kind.call((), Some(&keywords))
}

/// `Struct.__copy__` of an object, whatever its class has in its place: the C function, which is called
/// without Python's checks of the arguments.
struct CopyMethod {
    function: ffi::PyCFunction,
    original: Py<PyAny>,
    /// Keeps `function` alive.
    method: Py<PyAny>,
}

impl CopyMethod {
    /// That of this descriptor; `None` if it is no C function that takes nothing but the object.
    fn of(descriptor: &Bound<'_, PyAny>, original: Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let method = descriptor.call_method1(intern!(original.py(), "__get__"), (&original,))?;
        // SAFETY: GetFlags and GetFunction take a PyCFunction, which the check has found `method` to
        // be.
        let function = unsafe {
            let takes_nothing = ffi::PyCFunction_Check(method.as_ptr()) != 0
                && ffi::PyCFunction_GetFlags(method.as_ptr()) == ffi::METH_NOARGS;
            match takes_nothing {
                true => ffi::PyCFunction_GetFunction(method.as_ptr()),
                false => None,
            }
        };
        Ok(function.map(|function| CopyMethod {
            function,
            original: original.unbind(),
            method: method.unbind(),
        }))
    }

    #[inline(always)]
    fn call<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // SAFETY: `function` is the METH_NOARGS function of `method`, which is bound to `original`: it
        // takes that object and null, and returns a new reference, or null with an error set.
        unsafe {
            let new = (self.function)(self.original.as_ptr(), ptr::null_mut());
            Bound::from_owned_ptr_or_err(py, new)
        }
    }
}

impl Copied {
    fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.copy.method)?;
        visit.call(&self.copy.original)?;
        let members = self.members.iter().flatten();
        members
            .chain(&self.parts)
            .try_for_each(|attribute| attribute.traverse(visit))
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
