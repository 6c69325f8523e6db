//! The chunks of a stream, pushed or pulled, in order.

use std::collections::VecDeque;
use std::mem;
use std::ops::Range;

/// The caller's side of an [`Input`].
pub trait Source {
    /// Bytes of the stream, which stay in place as long as it lives.
    type Chunk;
    /// Why no chunk could be had.
    type Error;

    /// The bytes of a chunk.
    fn bytes<'a>(&'a self, chunk: &'a Self::Chunk) -> &'a [u8];

    /// The next chunk; `None` if there will be none.
    fn pull(&mut self) -> Result<Option<Self::Chunk>, Self::Error>;
}

/// What there is after a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Another chunk.
    Chunk,
    /// Nothing yet.
    Nothing,
    /// The end of the stream.
    End,
}

/// A part of a chunk.
pub type Part<C> = (C, Range<usize>);

/// The chunks of a stream.
#[derive(Debug)]
pub struct Input<C> {
    /// The chunk that is being read; the ranges of the last event refer to it.
    current: Option<C>,
    waiting: VecDeque<C>,
    /// The parts of earlier chunks that belong to the unfinished event.
    kept: Vec<Part<C>>,
    has_source: bool,
    is_closed: bool,
}

impl<C> Input<C> {
    /// An input without chunks. With `has_source` more are pulled when those pushed are used up.
    pub fn new(has_source: bool) -> Self {
        Input {
            current: None,
            waiting: VecDeque::new(),
            kept: Vec::new(),
            has_source,
            is_closed: false,
        }
    }

    /// Adds a chunk, unless it is closed.
    pub fn push(&mut self, chunk: C) {
        if !self.is_closed {
            self.waiting.push_back(chunk);
        }
    }

    /// Whether the stream ends after the chunks pushed so far.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Ends the stream after the chunks pushed so far.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// The chunk that is being read.
    #[inline(always)]
    pub fn chunk(&self) -> Option<&C> {
        self.current.as_ref()
    }

    /// Every chunk that it holds.
    pub fn chunks(&self) -> impl Iterator<Item = &C> {
        let kept = self.kept.iter().map(|(chunk, _)| chunk);
        self.current.iter().chain(&self.waiting).chain(kept)
    }

    /// Lets go of every chunk.
    pub fn clear(&mut self) {
        *self = Input {
            is_closed: self.is_closed,
            ..Input::new(false)
        };
    }

    /// Keeps a part of the current chunk, which is used up, for the unfinished event.
    pub fn keep(&mut self, part: Range<usize>) {
        let chunk = self.current.take();
        self.kept.extend(chunk.map(|chunk| (chunk, part)));
    }

    /// The parts that were kept.
    pub fn take_kept(&mut self) -> Vec<Part<C>> {
        mem::take(&mut self.kept)
    }

    /// Goes to the next chunk.
    #[cold]
    pub fn advance<S: Source<Chunk = C>>(&mut self, source: &mut S) -> Result<Arrival, S::Error> {
        self.current = self.waiting.pop_front();
        if self.current.is_none() && self.has_source && !self.is_closed {
            self.current = source.pull()?;
            self.is_closed = self.current.is_none();
        }
        Ok(match (&self.current, self.is_closed) {
            (Some(_), _) => Arrival::Chunk,
            (None, true) => Arrival::End,
            (None, false) => Arrival::Nothing,
        })
    }
}
