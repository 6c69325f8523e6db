//! A stream whose events are taken as they are, numbered from 0.

use crate::frames::{Frame, FrameParser, TooLarge, Whole};
use crate::input::{Arrival, Input, Source};
use crate::lines::AnyValue;
use crate::stream::{Eof, Step, Stream};

/// What comes next.
#[derive(Clone, Debug)]
pub enum Next {
    /// An event of the common shape.
    Whole(Whole),
    /// An event of any other shape.
    Frame(Frame),
    /// The event of this index, which is dropped because it grew past the limit.
    TooLarge(TooLarge, u64),
}

/// A stream whose events are taken as they are.
pub struct EventStream {
    stream: Stream<AnyValue>,
    /// How many events came so far.
    index: u64,
}

impl EventStream {
    /// A stream at its start: see [`Stream::new`] and [`FrameParser::dispatch_dataless`].
    pub fn new(max_event_size: Option<usize>, eof: Eof, dataless: bool) -> Self {
        let mut stream = Stream::new(max_event_size, eof, AnyValue);
        if dataless {
            stream.parser.dispatch_dataless();
        }
        EventStream { stream, index: 0 }
    }

    /// The parser, for what is left of the stream.
    pub fn parser(&self) -> &FrameParser {
        &self.stream.parser
    }

    /// The next event, whose ranges are of the input's current chunk; `None` when there is none,
    /// or none yet.
    #[inline(always)]
    pub fn next<S: Source>(
        &mut self,
        input: &mut Input<S::Chunk>,
        source: &mut S,
    ) -> Result<Option<Next>, S::Error> {
        loop {
            let step = match input.chunk() {
                Some(chunk) => self.stream.next(source.bytes(chunk)),
                None => None,
            };
            let step = match step {
                Some(step) => step,
                None => match input.advance(source)? {
                    Arrival::Chunk => continue,
                    Arrival::Nothing => return Ok(None),
                    Arrival::End => match self.stream.finish() {
                        Some(step) => step,
                        None => return Ok(None),
                    },
                },
            };
            let next = match step {
                Step::Whole(whole) => Next::Whole(whole),
                Step::Frame(frame) | Step::Unfinished(frame) => Next::Frame(frame),
                Step::TooLarge(too_large) => Next::TooLarge(too_large, self.index),
                // The specification has no event without data.
                Step::Cut(_) => continue,
            };
            self.index += 1;
            return Ok(Some(next));
        }
    }
}
