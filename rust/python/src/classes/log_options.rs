//! The arguments of `LogReader`, checked.

use std::convert::Infallible;

use pyo3::Borrowed;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use rapidsse_core::logs::columns::Name;
use rapidsse_core::logs::{Deliver, Framing};

/// An argument, or nothing where it has its default: `None` is an argument too.
pub struct Given<'py>(pub Option<Bound<'py, PyAny>>);

impl<'a, 'py> FromPyObject<'a, 'py> for Given<'py> {
    type Error = Infallible;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Given(Some(object.to_owned())))
    }
}

impl<'py> Given<'py> {
    pub fn or<T>(
        self,
        default: T,
        convert: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<T>,
    ) -> PyResult<T> {
        self.0.as_ref().map_or(Ok(default), convert)
    }
}

pub fn to_framing(framing: &Bound<'_, PyAny>) -> PyResult<Framing> {
    match framing.extract::<&str>() {
        Ok("sse") => Ok(Framing::Sse),
        Ok("lines") => Ok(Framing::Lines),
        _ => Err(PyValueError::new_err(format!(
            "framing must be 'sse' or 'lines', not {}",
            framing.repr()?
        ))),
    }
}

pub fn to_columns(names: &Bound<'_, PyAny>) -> PyResult<Vec<Name>> {
    let mut columns = Vec::new();
    for name in names.try_iter()? {
        let name = name?;
        let text = name.extract::<&str>().unwrap_or_default();
        let Some((_, column)) = Name::ALL.iter().find(|(known, _)| *known == text) else {
            let known: Vec<_> = Name::ALL.iter().map(|&(known, _)| known).collect();
            return Err(PyValueError::new_err(format!(
                "no such column: {}; the columns are {}",
                name.repr()?,
                known.join(", ")
            )));
        };
        columns.push(*column);
    }
    Ok(columns)
}

pub fn to_deliver(names: &Bound<'_, PyAny>) -> PyResult<Deliver> {
    let mut deliver = Deliver::default();
    for name in names.try_iter()? {
        let name = name?;
        match name.extract::<&str>() {
            Ok("all") => deliver.all = true,
            Ok("state") => deliver.state = true,
            Ok("texts") => deliver.texts = true,
            Ok("images") => deliver.images = true,
            Ok("contents") => deliver.contents = true,
            Ok("items") => deliver.items = true,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "deliver takes 'all', 'state', 'texts', 'images', 'contents' and 'items', not {}",
                    name.repr()?
                )));
            }
        }
    }
    Ok(deliver)
}

/// The limit of a batch; one that is larger than memory is none.
pub fn to_limit(option: &str, limit: &Bound<'_, PyAny>) -> PyResult<usize> {
    let limit = index(limit)?;
    if limit.lt(1)? {
        return Err(PyValueError::new_err(format!(
            "{option} must be at least 1, not {limit}"
        )));
    }
    Ok(limit.extract().unwrap_or(usize::MAX))
}

pub fn to_offset(offset: &Bound<'_, PyAny>) -> PyResult<u64> {
    let offset = index(offset)?;
    match offset.extract::<i64>() {
        Ok(number @ 0..) => Ok(number.unsigned_abs()),
        _ => Err(PyValueError::new_err(format!(
            "offset must be from 0 to 2**63 - 1, not {offset}"
        ))),
    }
}

/// The integer that `operator.index` gives.
fn index<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: any live object; a new reference, or null with an exception set.
    unsafe {
        let integer = ffi::PyNumber_Index(object.as_ptr());
        Bound::from_owned_ptr_or_err(object.py(), integer)
    }
}
