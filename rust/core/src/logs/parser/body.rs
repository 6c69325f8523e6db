//! The body that is read, and what divides it into events.

use std::ops::Range;

use crate::frames::{FrameParser, TooLarge};
use crate::logs::apis::ERROR_FIELD;
use crate::logs::json_lines::JsonLines;
use crate::logs::{Framing, Options};

/// Divides a body into events.
pub(super) enum Splitter {
    Sse(Box<FrameParser>),
    Lines(JsonLines),
}

impl Splitter {
    pub(super) fn new(options: &Options) -> Splitter {
        match options.framing {
            Framing::Sse => {
                let mut frames = FrameParser::new(options.max_event_size);
                // Some servers report errors in a field of their own.
                frames.take_as_data(ERROR_FIELD.as_bytes());
                Splitter::Sse(Box::new(frames))
            }
            Framing::Lines => Splitter::Lines(JsonLines::new(options.max_event_size)),
        }
    }

    /// The lines of this body that are no field.
    pub(super) fn unknown_lines(&self) -> u64 {
        match self {
            Splitter::Sse(frames) => frames.unknown_lines(),
            Splitter::Lines(_) => 0,
        }
    }
}

/// The body that is read.
#[derive(Default)]
pub(super) struct Body {
    /// The offset of its first byte.
    pub(super) offset: u64,
    /// The bytes of it before the current chunk.
    pub(super) before: u64,
    /// The bytes of its events and failures.
    pub(super) counted: u64,
    /// The event that grew too large, until its lines end.
    pub(super) too_large: Option<TooLarge>,
}

impl Body {
    /// The offset of `chunk[pos]`.
    #[inline(always)]
    pub(super) fn position(&self, pos: usize) -> u64 {
        self.offset + self.before + pos as u64
    }

    /// Offsets that are counted from the body's first byte.
    #[inline(always)]
    pub(super) fn lines(&self, offset: u64, end: u64) -> Range<u64> {
        self.offset + offset..self.offset + end
    }
}
