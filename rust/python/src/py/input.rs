//! Chunks, pushed or pulled.

use std::collections::VecDeque;

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyIterator;

use crate::py::chunks::{Chunk, Part};
use crate::py::options::Source;

/// What there is after a chunk.
pub enum Arrival {
    Chunk,
    /// Nothing yet.
    Nothing,
    End,
}

/// The chunks of a stream.
pub struct Input {
    /// The chunk that is being read; the ranges of the last event refer to it.
    current: Option<Py<Chunk>>,
    waiting: VecDeque<Py<Chunk>>,
    /// The parts of earlier chunks that belong to the unfinished event.
    kept: Vec<Part>,
    source: Option<Py<PyIterator>>,
    is_closed: bool,
}

impl Input {
    pub fn new(Source(source): Source) -> Self {
        Input {
            current: None,
            waiting: VecDeque::new(),
            kept: Vec::new(),
            source,
            is_closed: false,
        }
    }

    /// Visits every Python object that the garbage collector must know of.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.source)?;
        let kept = self.kept.iter().map(|(chunk, _)| chunk);
        let mut chunks = self.current.iter().chain(&self.waiting).chain(kept);
        chunks.try_for_each(|chunk| visit.call(chunk))
    }

    /// Lets go of these objects.
    pub fn clear(&mut self) {
        self.source = None;
        self.current = None;
        self.waiting.clear();
        self.kept.clear();
    }

    pub fn push(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.is_closed {
            return Err(PyValueError::new_err(
                "the reader is closed: create another one to read another stream",
            ));
        }
        self.waiting
            .push_back(Py::new(chunk.py(), Chunk::in_place(chunk)?)?);
        Ok(())
    }

    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// The chunk that is being read.
    #[inline(always)]
    pub fn chunk<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, Chunk>> {
        self.current.as_ref().map(|chunk| chunk.bind(py))
    }

    /// Keeps a part of the current chunk for the unfinished event.
    pub fn keep(&mut self, part: std::ops::Range<usize>) {
        let chunk = self.current.take();
        self.kept.extend(chunk.map(|chunk| (chunk, part)));
    }

    /// The parts that were kept.
    pub fn take_kept(&mut self) -> Vec<Part> {
        std::mem::take(&mut self.kept)
    }

    /// Goes to the next chunk.
    #[cold]
    pub fn advance(&mut self, py: Python<'_>) -> PyResult<Arrival> {
        self.current = self.waiting.pop_front();
        if self.current.is_some() {
            return Ok(Arrival::Chunk);
        }
        if let Some(source) = &self.source {
            if let Some(object) = source.bind(py).clone().next() {
                self.current = Some(Py::new(py, Chunk::lasting(&object?)?)?);
                return Ok(Arrival::Chunk);
            }
            self.source = None;
            self.is_closed = true;
        }
        Ok(match self.is_closed {
            true => Arrival::End,
            false => Arrival::Nothing,
        })
    }
}
