//! `Deferred`: what `TypedReader` passes to its handler.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::classes::record::record;

record! {
    /// An event whose payload `decode` was not given, or did not decode.
    Deferred {
        /// `bytes`, a view of its chunk, or `Segments`.
        payload: Py<PyAny>,
        /// The clean strings of the payload, as `find_spans` gives them.
        spans: Py<PyTuple>,
        /// Where the event begins in its stream, if it comes from one.
        offset: Option<u64>,
        /// The event's number in its stream, from 0.
        index: Option<u64>,
        /// The value of its `event` line, else `message`.
        name: Py<PyString>,
        /// Whether its blank line is there.
        complete: bool,
    }
}
