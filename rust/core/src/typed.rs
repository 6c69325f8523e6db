//! A stream whose events are decoded: for each of them, which way it is decoded.
//!
//! Most payloads are copied and decoded as they are. One with long base64 in it goes to a handler
//! with the spans of that, and so does one that did not decode. The decoder and the handler are
//! the caller's: nothing here knows a type.

use memchr::memmem::Finder;

use crate::batch::Batch;
use crate::frames::{Frame, Kept, TooLarge, Value, Whole, is_done};
use crate::limits::{LONG_PAYLOAD, MAX_COPY, MIN_CUT};
use crate::segments::{self, Segment};
use crate::spans::{self, FlatLines, Keys, Span};
use crate::stream::{Eof, Step, Stream};

/// How a typed stream is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// The members whose values are cut out where they are long.
    pub keys: Keys,
    /// The most bytes that an event's values may hold.
    pub max_event_size: Option<usize>,
    /// What becomes of an event whose blank line is missing.
    pub eof: Eof,
    /// Whether an event needs no data: see [`crate::frames::FrameParser::dispatch_dataless`].
    pub dataless: bool,
    /// Payloads that contain these bytes go to the handler undecoded.
    pub defer_if_contains: Option<Vec<u8>>,
    /// Whether small events may be decoded together.
    pub batches: bool,
}

/// What comes next in a chunk.
#[derive(Debug)]
pub enum Next {
    /// Small events that are to be decoded together: see [`TypedStream::write_batch`].
    Batch,
    /// A small event: decode a copy of the payload; if that fails, defer
    /// [`TypedStream::refused_small`].
    Small(Whole),
    /// Anything else.
    Other(Task),
}

/// What is to be done.
#[derive(Debug)]
pub enum Task {
    /// Decode a copy of the payload; if that fails, defer [`TypedStream::refused`].
    Decode(Event),
    /// Give the event to the handler.
    Defer(Event),
    /// Join the segments of the payload, and go on with [`TypedStream::joined`].
    Join(Unjoined),
    /// Tell the handler that a stream ended.
    Done,
    /// Tell the handler that the event of this index was too large.
    TooLarge(TooLarge, u64),
}

/// An event for the handler.
#[derive(Debug)]
pub struct Event {
    /// As [`Frame::offset`].
    pub offset: u64,
    /// How many events came before it.
    pub index: u64,
    /// As [`Frame::event`].
    pub name: Value,
    /// Its payload.
    pub payload: Payload,
    /// The spans of the payload, if they were looked for.
    pub spans: Option<Vec<Span>>,
    /// Whether its blank line is there.
    pub is_complete: bool,
}

/// Where the payload of an event lies.
#[derive(Debug)]
pub enum Payload {
    /// In one piece.
    Piece(Value),
    /// In segments of joined data and of the parts that the chunks keep.
    Segments(Vec<u8>, Vec<Segment>),
}

/// An event whose payload must be joined before more can be said.
#[derive(Debug)]
pub struct Unjoined {
    /// The data that is joined.
    pub rest: Vec<u8>,
    /// What its payload consists of.
    pub segments: Vec<Segment>,
    frame: Frame,
    is_complete: bool,
}

/// A stream whose events are decoded.
pub struct TypedStream {
    stream: Stream<FlatLines>,
    /// Boxed: it is aligned to 32 bytes, and Python aligns its objects to 16.
    deferred: Option<Box<Finder<'static>>>,
    batch: Option<Batch>,
    /// How many events came so far; `[DONE]` is none.
    index: u64,
}

impl TypedStream {
    /// A stream at its start.
    pub fn new(options: Options) -> Self {
        let finds_spans = !options.keys.is_empty();
        let lines = FlatLines::new(options.keys);
        let mut stream = Stream::new(options.max_event_size, options.eof, lines);
        if finds_spans {
            stream.parser.keep_clean_chunks();
        }
        if options.dataless {
            stream.parser.dispatch_dataless();
        }
        let finder = |bytes: Vec<u8>| Box::new(Finder::new(&bytes).into_owned());
        TypedStream {
            stream,
            deferred: options.defer_if_contains.map(finder),
            batch: options.batches.then(Batch::default),
            index: 0,
        }
    }

    /// What comes next in `chunk`; `None` when it is used up and another may follow: then
    /// [`TypedStream::take_kept`] must be asked.
    #[inline(always)]
    pub fn next(&mut self, chunk: &[u8]) -> Option<Next> {
        let whole = match &mut self.batch {
            None => self.stream.next_whole(chunk),
            Some(batch) => match batch.next_event() {
                Some(event) => Some(event),
                None if batch.fill(chunk, &mut self.stream, self.deferred.as_deref()) => {
                    return Some(Next::Batch);
                }
                None => batch.next_event(),
            },
        };
        match whole {
            Some(whole) => Some(self.whole(chunk, whole)),
            None => self
                .stream
                .next_of_any_shape(chunk)
                .map(|step| Next::Other(self.step(chunk, step))),
        }
    }

    /// As [`Stream::take_kept`].
    pub fn take_kept(&mut self) -> Option<std::ops::Range<usize>> {
        self.stream.take_kept()
    }

    /// Ends the stream: as [`Stream::finish`].
    pub fn finish(&mut self) -> Option<Task> {
        let step = self.stream.finish()?;
        Some(self.step(&[], step))
    }

    /// How many bytes [`TypedStream::write_batch`] writes.
    pub fn batch_size(&self) -> usize {
        self.batch.as_ref().map_or(0, Batch::size)
    }

    /// Writes the payloads that are to be decoded together, one a line.
    pub fn write_batch(&self, chunk: &[u8], out: &mut [u8]) {
        if let Some(batch) = &self.batch {
            batch.write(chunk, out);
        }
    }

    /// Takes the number of values that they were decoded to, and says whether these are the values
    /// of the events; otherwise, and without this call, the events come one by one.
    pub fn accept_batch(&mut self, values: usize) -> bool {
        let accepted = self.batch.as_mut().and_then(|batch| batch.accept(values));
        self.index += accepted.unwrap_or(0) as u64;
        accepted.is_some()
    }

    /// The small event given last, which did not decode as it is, with its spans.
    #[cold]
    pub fn refused_small(&self, chunk: &[u8], whole: Whole) -> Event {
        let event = Event {
            offset: whole.offset,
            index: self.index - 1,
            name: Value::InChunk(whole.event),
            payload: Payload::Piece(Value::InChunk(whole.data)),
            spans: None,
            is_complete: true,
        };
        self.refused(chunk, event)
    }

    /// An event that did not decode as it is, with its spans.
    #[cold]
    pub fn refused(&self, chunk: &[u8], mut event: Event) -> Event {
        if let (Payload::Piece(payload), None) = (&event.payload, &event.spans) {
            event.spans = Some(spans::find(payload.bytes(chunk), self.keys()));
        }
        event
    }

    /// What is to be done with an event whose payload is now joined.
    #[cold]
    pub fn joined(&mut self, event: Unjoined, payload: Vec<u8>) -> Task {
        let frame = Frame {
            data: Value::Owned(payload),
            ..event.frame
        };
        self.frame(&[], frame, event.is_complete)
    }

    fn keys(&self) -> &Keys {
        self.stream.data_lines.spans().keys()
    }

    #[inline(always)]
    fn is_deferred(&self, payload: &[u8]) -> bool {
        let finder = self.deferred.as_deref();
        finder.is_some_and(|finder| finder.find(payload).is_some())
    }

    /// Nearly every event is a small object.
    #[inline(always)]
    fn whole(&mut self, chunk: &[u8], whole: Whole) -> Next {
        let payload = &chunk[whole.data.clone()];
        if payload.len() < LONG_PAYLOAD
            && payload.first() == Some(&b'{')
            && !self.is_deferred(payload)
        {
            self.index += 1;
            return Next::Small(whole);
        }
        Next::Other(self.frame(chunk, whole.into(), true))
    }

    #[cold]
    fn step(&mut self, chunk: &[u8], step: Step) -> Task {
        match step {
            Step::Whole(whole) => self.frame(chunk, whole.into(), true),
            Step::Frame(frame) => self.any_frame(chunk, frame, true),
            Step::Unfinished(frame) => self.any_frame(chunk, frame, false),
            Step::Cut(frame) => Task::Defer(self.event(frame, Some(Vec::new()), false)),
            Step::TooLarge(too_large) => {
                self.index += 1;
                Task::TooLarge(too_large, self.index - 1)
            }
        }
    }

    /// An event whose chunks may keep parts of its data. Where base64 is all that they keep, the
    /// payload is left in segments.
    fn any_frame(&mut self, chunk: &[u8], mut frame: Frame, is_complete: bool) -> Task {
        let kept: Vec<Kept> = std::mem::take(&mut frame.kept);
        if kept.is_empty() {
            return self.frame(chunk, frame, is_complete);
        }
        let rest = match std::mem::replace(&mut frame.data, Value::Owned(Vec::new())) {
            Value::Owned(rest) => rest,
            Value::InChunk(range) => chunk[range].to_vec(),
        };
        let found = spans::find_past(&rest, self.keys(), &frame.clean);
        let segments = segments::segments(rest.len(), &kept);
        match segments::spans_with(&found, &kept) {
            Some(spans) => {
                let payload = Payload::Segments(rest, segments);
                let event = self.event(frame, Some(spans), is_complete);
                Task::Defer(Event { payload, ..event })
            }
            None => {
                frame.clean = 0..0;
                // The name may lie in this chunk, and the payload is joined after it.
                frame.event = Value::Owned(frame.event.bytes(chunk).to_vec());
                Task::Join(Unjoined {
                    rest,
                    segments,
                    frame,
                    is_complete,
                })
            }
        }
    }

    #[cold]
    fn frame(&mut self, chunk: &[u8], frame: Frame, is_complete: bool) -> Task {
        let payload = frame.data.bytes(chunk);
        if is_done(payload) {
            return Task::Done;
        }
        let spans = (payload.len() >= LONG_PAYLOAD).then(|| match &frame.data {
            Value::InChunk(data) => {
                let lines = self.stream.data_lines.spans();
                lines.of(chunk, data.start, data.end)
            }
            Value::Owned(data) => spans::find_past(data, self.keys(), &frame.clean),
        });
        let is_cut = |spans: &Vec<Span>| spans.iter().any(|span| span.len() >= MIN_CUT);
        let is_decoded = payload.len() < MAX_COPY
            && !spans.as_ref().is_some_and(is_cut)
            && !self.is_deferred(payload);
        let event = self.event(frame, spans, is_complete);
        match is_decoded {
            true => Task::Decode(event),
            false => Task::Defer(self.refused(chunk, event)),
        }
    }

    /// The next event, which counts from here on.
    fn event(&mut self, frame: Frame, spans: Option<Vec<Span>>, is_complete: bool) -> Event {
        self.index += 1;
        Event {
            offset: frame.offset,
            index: self.index - 1,
            name: frame.event,
            payload: Payload::Piece(frame.data),
            spans,
            is_complete,
        }
    }
}
