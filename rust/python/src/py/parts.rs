//! The parts of a value that is made of another one: see `_typed/_prototype.py`.

use std::ffi::c_void;

use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyString, PyTuple, PyType};
use rapidsse_core::like::Scalar;

use crate::py::text;

/// A part of a value, and how each value gets its own.
pub enum Part {
    /// All values share it.
    Shared(Py<PyAny>),
    /// The value of the member of this number.
    Member(usize),
    /// The text of the payload.
    Payload,
    /// A list of parts.
    List(Vec<Part>),
    /// A copy of a dict, with parts at these keys.
    Dict(Py<PyDict>, Vec<(Py<PyAny>, Part)>),
    /// A copy of a set.
    Set(Py<PySet>),
    /// An object of a class, with these attributes.
    Object(Py<PyType>, Vec<(Attribute, Part)>),
}

/// What sets an attribute: a descriptor, which the class was searched for once.
pub struct Attribute {
    descriptor: Py<PyAny>,
    set: ffi::descrsetfunc,
    /// Where objects have the attribute, if the descriptor does no more than to store it there. To
    /// store it takes a fifth of the instructions of asking the descriptor.
    offset: Option<usize>,
}

impl Part {
    /// What Python's description of a part says, for values with so many members.
    pub fn of(described: &Bound<'_, PyAny>, members: usize) -> PyResult<Part> {
        let described = described.cast::<PyTuple>()?;
        let kind = described.get_item(0)?;
        Ok(match kind.cast::<PyString>()?.to_str()? {
            "shared" => Part::Shared(described.get_item(1)?.unbind()),
            "member" => match described.get_item(1)?.extract()? {
                number if number < members => Part::Member(number),
                _ => return Err(PyValueError::new_err("there is no such member")),
            },
            "payload" => Part::Payload,
            "list" => Part::List(
                described
                    .get_item(1)?
                    .try_iter()?
                    .map(|part| Part::of(&part?, members))
                    .collect::<PyResult<_>>()?,
            ),
            "dict" => Part::Dict(
                described.get_item(1)?.extract()?,
                Part::pairs(&described.get_item(2)?, members)?,
            ),
            "set" => Part::Set(described.get_item(1)?.extract()?),
            "object" => {
                let kind = described.get_item(1)?.cast_into::<PyType>()?;
                if !is_allocated_as_objects_are(&kind) {
                    return Err(PyValueError::new_err("the class has a __new__ of its own"));
                }
                let pairs = Part::pairs::<Py<PyString>>(&described.get_item(2)?, members)?;
                let attribute = |(name, part): (Py<PyString>, Part)| {
                    Ok((Attribute::of(&kind, name.bind(kind.py()))?, part))
                };
                let attributes = pairs.into_iter().map(attribute);
                Part::Object(kind.clone().unbind(), attributes.collect::<PyResult<_>>()?)
            }
            kind => return Err(PyValueError::new_err(format!("no kind of part: {kind}"))),
        })
    }

    fn pairs<K>(described: &Bound<'_, PyAny>, members: usize) -> PyResult<Vec<(K, Part)>>
    where
        K: for<'a, 'py> FromPyObject<'a, 'py, Error: Into<PyErr>>,
    {
        let pair = |pair: PyResult<Bound<'_, PyAny>>| {
            let pair = pair?;
            let key = pair.get_item(0)?.extract().map_err(Into::into)?;
            Ok((key, Part::of(&pair.get_item(1)?, members)?))
        };
        described.try_iter()?.map(pair).collect()
    }

    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Part::Member(_) | Part::Payload => Ok(()),
            Part::Shared(value) => visit.call(value),
            Part::List(parts) => parts.iter().try_for_each(|part| part.traverse(visit)),
            Part::Dict(dict, parts) => {
                visit.call(dict)?;
                parts.iter().try_for_each(|(_, part)| part.traverse(visit))
            }
            Part::Set(set) => visit.call(set),
            Part::Object(kind, parts) => {
                visit.call(kind)?;
                parts.iter().try_for_each(|(attribute, part)| {
                    attribute.traverse(visit)?;
                    part.traverse(visit)
                })
            }
        }
    }

    /// The part of the value with this payload and these members.
    pub fn with<'py>(
        &self,
        py: Python<'py>,
        payload: &[u8],
        members: &[Scalar],
    ) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Part::Shared(value) => value.bind(py).clone(),
            Part::Member(number) => scalar(py, payload, &members[*number])?,
            Part::Payload => text::text(py, payload)?.into_any(),
            Part::List(parts) => {
                let list = PyList::empty(py);
                for part in parts {
                    list.append(part.with(py, payload, members)?)?;
                }
                list.into_any()
            }
            Part::Dict(dict, parts) => {
                let dict = dict.bind(py);
                let copy = match dict.len() {
                    0 => PyDict::new(py),
                    _ => dict.copy()?,
                };
                for (key, part) in parts {
                    copy.set_item(key, part.with(py, payload, members)?)?;
                }
                copy.into_any()
            }
            Part::Set(set) => copy_of_set(set.bind(py))?,
            Part::Object(kind, attributes) => {
                let object = new_object(kind.bind(py))?;
                for (attribute, part) in attributes {
                    attribute.set(&object, part.with(py, payload, members)?)?;
                }
                object
            }
        })
    }
}

/// The value of a member, whose text lies in `payload`.
#[inline(always)]
pub fn scalar<'py>(
    py: Python<'py>,
    payload: &[u8],
    member: &Scalar,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match member {
        Scalar::Text(range) => text::utf8(py, &payload[range.clone()])?.into_any(),
        Scalar::Unescaped(text) => text::utf8(py, text)?.into_any(),
        Scalar::Integer(number) => number.into_pyobject(py)?.into_any(),
    })
}

fn copy_of_set<'py>(set: &Bound<'py, PySet>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: an iterable. The result is a new set, or null with an error set.
    unsafe { Bound::from_owned_ptr_or_err(set.py(), ffi::PySet_New(set.as_ptr())) }
}

pub fn is_allocated_as_objects_are(kind: &Bound<'_, PyType>) -> bool {
    let object = kind.py().get_type::<PyAny>();
    // SAFETY: two classes. The slot is a function, or null.
    let new = |kind: &Bound<'_, PyType>| unsafe {
        ffi::PyType_GetSlot(kind.as_type_ptr(), ffi::Py_tp_new)
    };
    new(kind) == new(&object)
}

/// What `object.__new__` returns for a class that has no other.
pub fn new_object<'py>(kind: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: a class whose objects are allocated so. The result is a new object, or null
    // with an error set.
    unsafe {
        let object = ffi::PyType_GenericAlloc(kind.as_type_ptr(), 0);
        Bound::from_owned_ptr_or_err(kind.py(), object)
    }
}

impl Attribute {
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.descriptor)
    }

    /// That of this name, as `object.__setattr__` finds it.
    pub fn of(kind: &Bound<'_, PyType>, name: &Bound<'_, PyString>) -> PyResult<Attribute> {
        for class in kind.mro() {
            let attributes = class.getattr(intern!(kind.py(), "__dict__"))?;
            if !attributes.contains(name)? {
                continue;
            }
            let descriptor = attributes.get_item(name)?;
            // SAFETY: a class, and the type of what the slot holds, or null.
            let set = unsafe {
                let set =
                    ffi::PyType_GetSlot(descriptor.get_type().as_type_ptr(), ffi::Py_tp_descr_set);
                std::mem::transmute::<*mut c_void, Option<ffi::descrsetfunc>>(set)
            };
            if let Some(set) = set {
                let offset = offset_of(&descriptor);
                let descriptor = descriptor.unbind();
                return Ok(Attribute {
                    descriptor,
                    set,
                    offset,
                });
            }
            break;
        }
        Err(PyValueError::new_err(format!("no attribute {name}")))
    }

    /// Whether this object of the class has the value where [`Attribute::set`] stores it.
    pub fn stores(&self, object: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> bool {
        self.offset.is_some_and(|offset| {
            // SAFETY: a slot of the object, as its class has the descriptor.
            let held = unsafe {
                object
                    .as_ptr()
                    .byte_add(offset)
                    .cast::<*mut ffi::PyObject>()
                    .read()
            };
            held == value.as_ptr()
        })
    }

    /// Sets it for an object of the class that nothing else refers to yet.
    #[inline(always)]
    pub fn set(&self, new: &Bound<'_, PyAny>, value: Bound<'_, PyAny>) -> PyResult<()> {
        if let Some(offset) = self.offset {
            // SAFETY: a slot of the object, as its class has the descriptor. It owns a reference or
            // is null, and no other thread reads it.
            unsafe {
                let slot = new.as_ptr().byte_add(offset).cast::<*mut ffi::PyObject>();
                ffi::Py_XDECREF(slot.replace(value.into_ptr()));
            }
            return Ok(());
        }
        // SAFETY: the function of the descriptor's class, and three live objects. The result is 0, or
        // -1 with an error set.
        let result = unsafe { (self.set)(self.descriptor.as_ptr(), new.as_ptr(), value.as_ptr()) };
        match result {
            0 => Ok(()),
            _ => Err(PyErr::fetch(new.py())),
        }
    }
}

/// Where a descriptor of `__slots__` stores any object; `None` for other descriptors.
#[cfg(not(feature = "abi3"))]
fn offset_of(descriptor: &Bound<'_, PyAny>) -> Option<usize> {
    let descriptor = descriptor.as_ptr();
    // SAFETY: the type is that of the struct, whose member lives as long as the descriptor's class.
    unsafe {
        if ffi::Py_TYPE(descriptor) != &raw mut ffi::PyMemberDescr_Type {
            return None;
        }
        let member = &*(*descriptor.cast::<ffi::PyMemberDescrObject>()).d_member;
        let takes_any = member.type_code == ffi::Py_T_OBJECT_EX && member.flags == 0;
        usize::try_from(member.offset).ok().filter(|_| takes_any)
    }
}

/// The limited API does not say where they are stored.
#[cfg(feature = "abi3")]
fn offset_of(_: &Bound<'_, PyAny>) -> Option<usize> {
    None
}
