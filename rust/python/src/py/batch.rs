//! A few small events decoded by one call.
//!
//! A call of msgspec costs a good part of what a small event costs in all, and `decode_lines`
//! decodes many payloads at that price. It takes JSON values as they come, though: several in a
//! line, or one over several lines. So only flat payloads go into a batch: each begins with `{`
//! and has one `}`, its last byte. No string goes on past a line end in valid JSON, so that as
//! many values as payloads can only be one value each: every value needs a `}` of its own to end.
//! Anything else than that, an error too, and each payload is decoded by itself.

use memchr::memmem::Finder;
use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyList;
use rapidsse_core::frames::Whole;
use rapidsse_core::spans::LineSpans;

use crate::py::bytes;
use crate::py::input::Input;

/// More at a time would save little, and keep more events alive before they are asked for.
const MOST: usize = 32;

/// What has been read ahead in the current chunk.
pub struct Batch {
    decode_lines: Py<PyAny>,
    values: Option<Py<PyList>>,
    next_value: usize,
    /// Events that come after the values, yet to be decoded.
    events: Vec<Whole>,
    next_event: usize,
}

impl Batch {
    pub fn new(decode_lines: Py<PyAny>) -> Self {
        Batch {
            decode_lines,
            values: None,
            next_value: 0,
            events: Vec::with_capacity(MOST),
            next_event: 0,
        }
    }

    /// Visits every Python object that the garbage collector must know of.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.decode_lines)?;
        visit.call(&self.values)
    }

    /// The next value that has been decoded.
    #[inline(always)]
    pub fn next_value<'py>(&mut self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let values = self.values.as_ref()?.bind(py);
        let at = self.next_value;
        self.next_value += 1;
        let value = values.get_item(at).ok();
        if self.next_value >= values.len() {
            self.values = None;
        }
        value
    }

    /// The next event that has been read and not decoded.
    #[inline(always)]
    pub fn next_event(&mut self) -> Option<Whole> {
        let event = self.events.get(self.next_event).cloned();
        self.next_event += usize::from(event.is_some());
        event
    }

    /// Reads on in the chunk as long as events are flat, and decodes them together. What is not
    /// decoded then is left as events.
    /// Events that contain `defer_if_contains` are not.
    pub fn fill(
        &mut self,
        py: Python<'_>,
        input: &mut Input<LineSpans>,
        defer_if_contains: Option<&Finder<'_>>,
    ) -> PyResult<()> {
        self.events.clear();
        self.next_event = 0;
        let Some(chunk) = input.chunk(py).cloned() else {
            return Ok(());
        };
        let chunk = chunk.get().bytes(py);
        let mut flat = 0;
        let mut size = 0;
        while flat < MOST
            && let Some(event) = input.next_whole(chunk)
        {
            let is_flat = input.data_lines.is_flat()
                && chunk.get(event.data.start) == Some(&b'{')
                && defer_if_contains
                    .is_none_or(|finder| finder.find(&chunk[event.data.clone()]).is_none());
            let len = event.data.len();
            self.events.push(event);
            if !is_flat {
                break;
            }
            flat += 1;
            size += len + 1;
        }
        if flat < 2 {
            return Ok(());
        }
        let (lines, ()) = bytes::written_by(py, size, |mut lines| {
            for event in &self.events[..flat] {
                let (line, rest) = lines.split_at_mut(event.data.len() + 1);
                let (payload, end) = line.split_at_mut(event.data.len());
                payload.copy_from_slice(&chunk[event.data.clone()]);
                end[0] = b'\n';
                lines = rest;
            }
        })?;
        let values = match self.decode_lines.bind(py).call1((lines,)) {
            Ok(values) => values.cast_into::<PyList>()?,
            Err(error) if error.is_instance_of::<PyException>(py) => return Ok(()),
            Err(error) => return Err(error),
        };
        if values.len() == flat {
            self.next_event = flat;
            self.next_value = 0;
            self.values = Some(values.unbind());
        }
        Ok(())
    }
}
