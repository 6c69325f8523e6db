//! A stream whose events are taken as they are, numbered from 0.

use std::ops::Range;

use crate::bytes::is_same;
use crate::frames::{Frame, FrameParser, TooLarge, Whole};
use crate::input::{Arrival, Input, Source};
use crate::like::{Likeness, Pair, Scalar};
use crate::lines::AnyValue;
use crate::stream::{Eof, Step, Stream};
use crate::template::{MAX_PAYLOAD, Repeat};

/// What comes next.
#[derive(Clone, Debug)]
pub enum Next {
    /// An event with this payload that is like the one kept: it has [`EventStream::values`].
    Like(Range<usize>),
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
    /// Boxed, as few streams have it.
    likes: Option<Box<Likes>>,
}

impl EventStream {
    /// A stream at its start: see [`Stream::new`] and [`FrameParser::dispatch_dataless`].
    pub fn new(max_event_size: Option<usize>, eof: Eof, dataless: bool) -> Self {
        let mut stream = Stream::new(max_event_size, eof, AnyValue);
        stream.parser.keep_clean_chunks();
        if dataless {
            stream.parser.dispatch_dataless();
        }
        EventStream {
            stream,
            index: 0,
            likes: None,
        }
    }

    /// Looks for events that are alike: see [`EventStream::alike`].
    pub fn find_alike(&mut self) {
        self.likes = Some(Box::new(Likes {
            likeness: Likeness::new(MAX_REFUSALS),
            id: Vec::new(),
            before: None,
            last: None,
            is_other: false,
        }));
    }

    /// The parser, for what is left of the stream.
    pub fn parser(&self) -> &FrameParser {
        &self.stream.parser
    }

    /// The next event, if it has the common shape, lies whole in the input's current chunk, and is
    /// not compared with others; otherwise [`EventStream::next`] must be asked. Nearly all events
    /// come this way, and are not moved from one enum to another.
    #[inline(always)]
    pub fn next_whole(&mut self, chunk: &[u8]) -> Option<Whole> {
        if self.likes.is_some() {
            return None;
        }
        let whole = self.stream.next_whole(chunk)?;
        self.index += 1;
        Some(whole)
    }

    /// The payload of the next event, if that is like the one kept and lies whole in the current chunk:
    /// it has [`EventStream::values`]. Otherwise [`EventStream::next`] must be asked.
    #[inline(always)]
    pub fn next_like(&mut self, chunk: &[u8]) -> Option<Range<usize>> {
        let payload = self.likes.as_mut()?.next_like(chunk, &mut self.stream)?;
        self.index += 1;
        Some(payload)
    }

    /// The next event, whose ranges are of the input's current chunk; `None` when there is none,
    /// or none yet. The caller takes the parts that the input has kept of a [`Next::Frame`], or of
    /// one that is too large.
    #[inline(always)]
    pub fn next<S: Source>(
        &mut self,
        input: &mut Input<S::Chunk>,
        source: &mut S,
    ) -> Result<Option<Next>, S::Error> {
        loop {
            if let (Some(likes), Some(chunk)) = (&mut self.likes, input.chunk()) {
                let next = likes.next(source.bytes(chunk), &mut self.stream);
                if next.is_some() {
                    self.index += 1;
                    return Ok(next);
                }
            }
            let step = match input.chunk() {
                Some(chunk) => self.stream.next(source.bytes(chunk)),
                None => None,
            };
            let step = match step {
                Some(step) => step,
                None => match self.advance(input, source)? {
                    Arrival::Chunk => continue,
                    Arrival::Nothing => return Ok(None),
                    Arrival::End => match self.finish(input) {
                        Some(step) => step,
                        None => return Ok(None),
                    },
                },
            };
            let next = match step {
                Step::Whole(whole) => Next::Whole(whole),
                Step::Frame(frame) | Step::Unfinished(frame) => {
                    if let Some(likes) = self.likes.as_mut().filter(|_| frame.sets_id) {
                        likes.likeness.clear();
                    }
                    Next::Frame(frame)
                }
                Step::TooLarge(too_large) => Next::TooLarge(too_large, self.index),
                // The specification has no event without data.
                Step::Cut(_) => continue,
            };
            self.index += 1;
            return Ok(Some(next));
        }
    }

    /// How the last event differs from the one before it, if they are alike, and to keep an event
    /// may be worth it.
    pub fn alike(&self, chunk: &[u8]) -> Option<Pair> {
        self.likes.as_ref()?.alike(chunk)
    }

    /// Keeps the last event, of this chunk; `None` says that the caller did not.
    pub fn keep(&mut self, chunk: &[u8], pair: Option<Pair>) {
        match (&mut self.likes, pair) {
            (Some(likes), Some(pair)) => {
                likes.likeness.set(chunk, pair);
                likes.id = self.stream.parser.last_event_id().to_vec();
            }
            (Some(likes), None) => likes.likeness.refuse(),
            (None, _) => {}
        }
    }

    /// The values of the event given last as [`Next::Like`].
    #[inline(always)]
    pub fn values(&self) -> &[Scalar] {
        self.likes
            .as_ref()
            .map_or(&[], |likes| likes.likeness.values())
    }

    fn advance<S: Source>(
        &mut self,
        input: &mut Input<S::Chunk>,
        source: &mut S,
    ) -> Result<Arrival, S::Error> {
        if let Some(part) = self.stream.take_kept() {
            input.keep(part);
        }
        input.advance(source)
    }

    /// The last event. Without one, its parts are given up.
    #[cold]
    fn finish<C>(&mut self, input: &mut Input<C>) -> Option<Step> {
        let step = self.stream.finish();
        if step.is_none() {
            input.take_kept();
        }
        step
    }
}

/// The first of their kind are not kept yet.
const MAX_REFUSALS: u8 = 16;

/// Events that are like one that is kept.
struct Likes {
    likeness: Likeness,
    /// The last event id as of the event that is kept.
    id: Vec<u8>,
    /// The last two events of this chunk, where both have the common shape.
    before: Option<Whole>,
    last: Option<Last>,
    /// Whether the next event was found not to be like the one kept, which is not counted twice.
    is_other: bool,
}

/// The last event, and where it and the next one begin.
struct Last {
    start: usize,
    whole: Whole,
    next: usize,
}

impl Likes {
    /// The next event, if it is like the one that is kept, or has the common shape.
    #[inline(always)]
    fn next(&mut self, chunk: &[u8], stream: &mut Stream<AnyValue>) -> Option<Next> {
        if let Some(payload) = self.next_like(chunk, stream) {
            return Some(Next::Like(payload));
        }
        self.is_other = false;
        self.next_whole(chunk, stream).map(Next::Whole)
    }

    /// The payload of the next event, if it is like the one that is kept.
    #[inline(always)]
    fn next_like(&mut self, chunk: &[u8], stream: &mut Stream<AnyValue>) -> Option<Range<usize>> {
        if self.is_other || !self.likeness.is_set() {
            return None;
        }
        if !is_same(stream.parser.last_event_id(), &self.id) {
            self.likeness.clear();
            return None;
        }
        let like = self.likeness.read(chunk, stream, |_| false);
        self.is_other = like.is_none();
        like.map(|repeat| repeat.payload)
    }

    #[inline(never)]
    fn next_whole(&mut self, chunk: &[u8], stream: &mut Stream<AnyValue>) -> Option<Whole> {
        let start = stream.position();
        let whole = stream.next_whole(chunk);
        self.before = self.last.take().map(|last| last.whole);
        // Otherwise it has another shape, or the chunk is used up.
        if let Some(whole) = &whole {
            self.last = Some(Last {
                start,
                whole: whole.clone(),
                next: stream.position(),
            });
        }
        whole
    }

    #[inline(never)]
    fn alike(&self, chunk: &[u8]) -> Option<Pair> {
        if self.likeness.is_set() || !self.likeness.is_wanted() {
            return None;
        }
        let (before, last) = (self.before.as_ref()?, self.last.as_ref()?);
        let is_small = |event: &Whole| event.data.len() <= MAX_PAYLOAD;
        let has_name = chunk[before.event.clone()] == chunk[last.whole.event.clone()];
        if !has_name || !is_small(before) || !is_small(&last.whole) {
            return None;
        }
        let payload = last.whole.data.clone();
        let event = Repeat {
            lines_end: payload.end,
            payload,
            next: last.next,
        };
        Pair::of(chunk, before.data.clone(), last.start, event)
    }
}
