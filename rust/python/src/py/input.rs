//! Chunks, pushed or pulled, and the frames that end in them.

use std::collections::VecDeque;

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use rapidsse_core::frames::{Frame, FrameParser, Rest, TooLarge, Whole};
use rapidsse_core::lines::DataLines;

use crate::py::chunks::Chunk;
use crate::py::options::{Eof, MaxEventSize, Source};
use crate::py::segments::Part;

/// What the stream brought next.
pub enum Step {
    Whole(Whole),
    Frame(Frame),
    TooLarge(TooLarge),
    /// The last event, whose blank line is missing.
    Unfinished(Frame),
    /// An event that was cut before its data.
    Cut(Frame),
}

pub struct Input<L> {
    pub parser: FrameParser,
    pub data_lines: L,
    pub max_event_size: Option<usize>,
    /// The chunk that is being read; the ranges of the last frame refer to it.
    current: Option<Py<Chunk>>,
    pos: usize,
    waiting: VecDeque<Py<Chunk>>,
    /// What the unfinished event's data left in earlier chunks.
    pub left: Vec<Part>,
    source: Option<Py<PyIterator>>,
    is_closed: bool,
    eof: Eof,
    has_ended: bool,
}

impl<L: DataLines> Input<L> {
    pub fn new(
        Source(source): Source,
        MaxEventSize(max_event_size): MaxEventSize,
        eof: Eof,
        data_lines: L,
    ) -> Self {
        Input {
            parser: FrameParser::new(max_event_size),
            data_lines,
            max_event_size,
            current: None,
            pos: 0,
            waiting: VecDeque::new(),
            left: Vec::new(),
            source,
            is_closed: false,
            eof,
            has_ended: false,
        }
    }

    /// Visits every Python object that the garbage collector must know of.
    pub fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.source)?;
        let kept = self.left.iter().map(|(chunk, _)| chunk);
        let chunks = self.current.iter().chain(&self.waiting).chain(kept);
        chunks.into_iter().try_for_each(|chunk| visit.call(chunk))
    }

    /// Lets go of these objects.
    pub fn clear(&mut self) {
        self.source = None;
        self.current = None;
        self.waiting.clear();
        self.left.clear();
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

    /// The chunk that the ranges of the last frame refer to.
    #[inline(always)]
    pub fn chunk<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, Chunk>> {
        self.current.as_ref().map(|chunk| chunk.bind(py))
    }

    /// The next event if it lies whole in the current chunk, whose bytes these are, and has the
    /// common shape.
    #[inline(always)]
    pub fn next_whole(&mut self, chunk: &[u8]) -> Option<Whole> {
        self.parser
            .next_whole(chunk, &mut self.pos, &mut self.data_lines)
    }

    #[inline(always)]
    pub fn next(&mut self, py: Python<'_>) -> PyResult<Option<Step>> {
        loop {
            if let Some(chunk) = &self.current {
                let bytes = chunk.get().bytes(py);
                let whole = self
                    .parser
                    .next_whole(bytes, &mut self.pos, &mut self.data_lines);
                if let Some(whole) = whole {
                    return Ok(Some(Step::Whole(whole)));
                }
                match self
                    .parser
                    .next_of_any_shape(bytes, &mut self.pos, &mut self.data_lines)
                {
                    Some(Ok(frame)) => return Ok(Some(Step::Frame(frame))),
                    Some(Err(too_large)) => {
                        self.left.clear();
                        return Ok(Some(Step::TooLarge(too_large)));
                    }
                    None => {
                        let left = self.parser.take_left();
                        let chunk = self.current.take();
                        self.left.extend(chunk.zip(left));
                    }
                }
            }
            if let Some(end) = self.advance(py)? {
                return Ok(end);
            }
        }
    }

    /// Goes to the next chunk (`None`), or tells what there is instead of one.
    #[cold]
    fn advance(&mut self, py: Python<'_>) -> PyResult<Option<Option<Step>>> {
        self.current = None;
        self.pos = 0;
        if let Some(chunk) = self.waiting.pop_front() {
            self.current = Some(chunk);
            return Ok(None);
        }
        if let Some(source) = &self.source {
            match source.bind(py).clone().next() {
                Some(object) => {
                    self.current = Some(Py::new(py, Chunk::lasting(&object?)?)?);
                    return Ok(None);
                }
                None => {
                    self.source = None;
                    self.is_closed = true;
                }
            }
        }
        if !self.is_closed || self.has_ended {
            return Ok(Some(None));
        }
        self.has_ended = true;
        if self.eof == Eof::Discard {
            self.parser.discard();
            return Ok(Some(None));
        }
        Ok(Some(match self.parser.finish() {
            Rest::Nothing => None,
            Rest::Frame(frame) => Some(Step::Unfinished(frame)),
            Rest::Cut(frame) => Some(Step::Cut(frame)),
            Rest::TooLarge(error) => Some(Step::TooLarge(error)),
        }))
    }
}
