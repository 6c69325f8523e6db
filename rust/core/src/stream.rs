//! A stream, chunk by chunk, up to its end.

use std::ops::Range;

use crate::frames::{Frame, FrameParser, Rest, TooLarge, Whole};
use crate::lines::DataLines;
use crate::template::Repeat;

/// What becomes of an event whose blank line is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eof {
    /// It is dropped, as the specification says.
    Discard,
    /// It is an event like any other.
    Dispatch,
}

/// What comes next in a stream.
#[derive(Clone, Debug)]
pub enum Step {
    /// An event of the common shape.
    Whole(Whole),
    /// An event of any other shape.
    Frame(Frame),
    /// An event that is dropped because it grew past the limit.
    TooLarge(TooLarge),
    /// The last event, whose blank line is missing.
    Unfinished(Frame),
    /// The last event, which was cut before its data.
    Cut(Frame),
}

/// A stream that is read from chunks, one after another.
pub struct Stream<L> {
    /// The parser, for what is left of the stream.
    pub parser: FrameParser,
    /// The search for the ends of data lines.
    pub data_lines: L,
    pos: usize,
    eof: Eof,
    has_ended: bool,
}

impl<L: DataLines> Stream<L> {
    /// A stream at its start; no `max_event_size` means no limit.
    pub fn new(max_event_size: Option<usize>, eof: Eof, data_lines: L) -> Self {
        Stream {
            parser: FrameParser::new(max_event_size),
            data_lines,
            pos: 0,
            eof,
            has_ended: false,
        }
    }

    /// What comes next in `chunk`; `None` when it is used up and another may follow.
    #[inline(always)]
    pub fn next(&mut self, chunk: &[u8]) -> Option<Step> {
        match self.next_whole(chunk) {
            Some(whole) => Some(Step::Whole(whole)),
            None => self.next_of_any_shape(chunk),
        }
    }

    /// The same without the short cut, which [`Stream::next_whole`] is.
    #[inline(always)]
    pub fn next_of_any_shape(&mut self, chunk: &[u8]) -> Option<Step> {
        let next = self
            .parser
            .next_of_any_shape(chunk, &mut self.pos, &mut self.data_lines);
        match next {
            Some(Ok(frame)) => Some(Step::Frame(frame)),
            Some(Err(too_large)) => Some(Step::TooLarge(too_large)),
            None => {
                self.pos = 0;
                None
            }
        }
    }

    /// The next event, if it lies whole in `chunk` and has the common shape.
    #[inline(always)]
    pub fn next_whole(&mut self, chunk: &[u8]) -> Option<Whole> {
        self.parser
            .next_whole(chunk, &mut self.pos, &mut self.data_lines)
    }

    /// The next event as `read` reads it, given where it begins; `None` if an event has begun,
    /// `read` does not, or the event may be too large: its lines are longer than its values.
    #[inline(always)]
    pub fn next_repeat(&mut self, read: impl FnOnce(usize) -> Option<Repeat>) -> Option<Repeat> {
        if !self.parser.is_between_events() {
            return None;
        }
        let repeat = read(self.pos)?;
        if repeat.next - self.pos > self.parser.max_event_size() {
            return None;
        }
        self.pos = repeat.next;
        Some(repeat)
    }

    /// The index in the chunk of what comes next.
    #[inline(always)]
    pub fn position(&self) -> usize {
        self.pos
    }

    /// The part of the chunk just used up that belongs to the unfinished event's data: see
    /// [`FrameParser::keep_clean_chunks`].
    pub fn take_kept(&mut self) -> Option<Range<usize>> {
        self.parser.take_kept()
    }

    /// Ends the stream after its last chunk. Returns the last event once, and `None` from then on.
    #[cold]
    pub fn finish(&mut self) -> Option<Step> {
        if self.has_ended {
            return None;
        }
        self.has_ended = true;
        if self.eof == Eof::Discard {
            self.parser.discard();
            return None;
        }
        match self.parser.finish() {
            Rest::Nothing => None,
            Rest::Frame(frame) => Some(Step::Unfinished(frame)),
            Rest::Cut(frame) => Some(Step::Cut(frame)),
            Rest::TooLarge(too_large) => Some(Step::TooLarge(too_large)),
        }
    }
}
