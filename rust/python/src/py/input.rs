//! Chunks, pushed or pulled.

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use rapidsse_core::input;

use crate::py::chunks::Chunk;
use crate::py::options::Source;

/// The chunks of a stream, and where more come from.
pub struct Input {
    pub chunks: input::Input<Py<Chunk>>,
    source: Option<Py<PyIterator>>,
}

impl Input {
    pub fn new(Source(source): Source) -> Self {
        Input {
            chunks: input::Input::new(source.is_some()),
            source,
        }
    }

    /// Visits every Python object that the garbage collector must know of.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.source)?;
        self.chunks.chunks().try_for_each(|chunk| visit.call(chunk))
    }

    /// Lets go of these objects.
    pub fn clear(&mut self) {
        self.source = None;
        self.chunks.clear();
    }

    pub fn push(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        if self.chunks.is_closed() {
            return Err(PyValueError::new_err(
                "the reader is closed: create another one to read another stream",
            ));
        }
        self.chunks
            .push(Chunk::in_place(chunk)?.object(chunk.py())?);
        Ok(())
    }

    /// The chunks, and what pulls more of them.
    pub fn parts<'a, 'py>(
        &'a mut self,
        py: Python<'py>,
    ) -> (&'a mut input::Input<Py<Chunk>>, Pull<'a, 'py>) {
        (
            &mut self.chunks,
            Pull {
                py,
                source: &self.source,
            },
        )
    }
}

/// Takes chunks from an iterator of Python's.
pub struct Pull<'a, 'py> {
    pub py: Python<'py>,
    source: &'a Option<Py<PyIterator>>,
}

impl input::Source for Pull<'_, '_> {
    type Chunk = Py<Chunk>;
    type Error = PyErr;

    #[inline(always)]
    fn bytes<'a>(&'a self, chunk: &'a Py<Chunk>) -> &'a [u8] {
        chunk.get().bytes(self.py)
    }

    fn pull(&mut self) -> PyResult<Option<Py<Chunk>>> {
        let source = self.source.as_ref();
        let object = source.and_then(|source| source.bind(self.py).clone().next());
        object
            .map(|object| Chunk::lasting(&object?)?.object(self.py))
            .transpose()
    }
}
