//! What is to be done with each event of a stream.

use std::mem;
use std::ops::Range;

use super::batch::Batch;
use super::cut::{Cut, Cutter};
use super::deferral::Deferral;
use super::{Event, Options, Payload};
use crate::frames::{Frame, Kept, TooLarge, Value, Whole, is_done};
use crate::like::{Likeness, Pair, Scalar};
use crate::limits::{LONG_PAYLOAD, MAX_COPY, MIN_CUT};
use crate::segments::{self, Segment};
use crate::spans::{self, FlatLines, Keys, Span};
use crate::stream::{Step, Stream};

/// The caller takes a while to say that it keeps no value.
const MAX_REFUSALS: u8 = 4;

/// What comes next in a chunk.
#[derive(Debug)]
pub(super) enum Next {
    /// Small events that are to be decoded together: [`Tasks::batch`].
    Batch,
    /// An event with this payload that is like the one kept: it has [`Tasks::values`].
    Like(Range<usize>),
    /// A small event: decode the payload; if that fails, defer [`Tasks::refused_small`].
    Small(Whole),
    /// Anything else.
    Other(Task),
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Task {
    /// Decode the payload; if that fails, defer [`Tasks::refused`].
    Decode(WholeEvent),
    /// Defer the event.
    Defer(Event),
    /// Join the segments of the payload, and go on with [`Tasks::joined`].
    Join(Unjoined),
    /// A stream ended.
    Done,
    /// The event of this index was too large.
    TooLarge(TooLarge, u64),
}

/// An event in one piece.
#[derive(Debug)]
pub(super) struct WholeEvent {
    pub(super) payload: Value,
    offset: u64,
    index: u64,
    name: Value,
    /// The spans of the payload, if they were looked for.
    spans: Option<Vec<Span>>,
    is_complete: bool,
}

impl WholeEvent {
    fn into_event(self, spans: Vec<Span>) -> Event {
        Event {
            offset: self.offset,
            index: self.index,
            name: self.name,
            payload: Payload::Piece(self.payload),
            spans,
            is_complete: self.is_complete,
        }
    }
}

/// An event whose payload must be joined before more can be said.
#[derive(Debug)]
pub(super) struct Unjoined {
    /// The data that is joined.
    pub(super) rest: Vec<u8>,
    /// What its payload consists of.
    pub(super) segments: Vec<Segment>,
    frame: Frame,
    is_complete: bool,
}

/// A stream, and which way each of its events is decoded.
pub(super) struct Tasks {
    stream: Stream<FlatLines>,
    deferral: Deferral,
    cutter: Option<Cutter>,
    batch: Batch,
    batches: bool,
    likeness: Likeness,
    /// How many events came so far; `[DONE]` is none.
    index: u64,
}

impl Tasks {
    /// A stream at its start.
    pub(super) fn new(options: Options) -> Self {
        let finds_spans = !options.keys.is_empty();
        let lines = FlatLines::new(options.keys);
        let mut stream = Stream::new(options.max_event_size, options.eof, lines);
        if finds_spans {
            stream.parser.keep_clean_chunks();
        }
        if options.dataless {
            stream.parser.dispatch_dataless();
        }
        let deferral = Deferral::new(options.defer_if_contains.as_deref());
        let cuts = options.cuts && deferral.is_due_without_strings();
        Tasks {
            stream,
            deferral,
            cutter: cuts.then(Cutter::default),
            batch: Batch::default(),
            batches: options.batches,
            likeness: Likeness::new(MAX_REFUSALS),
            index: 0,
        }
    }

    /// What comes next in `chunk`; `None` when it is used up and another may follow: then
    /// [`Tasks::take_kept`] must be asked.
    #[inline(always)]
    pub(super) fn next(&mut self, chunk: &[u8]) -> Option<Next> {
        let whole = match self.batches {
            false => self.stream.next_whole(chunk),
            true => match self.batch.next_event() {
                Some(event) => Some(event),
                None if self.likeness.is_set() => {
                    if let Some(payload) = self.next_like(chunk) {
                        return Some(Next::Like(payload));
                    }
                    self.stream.next_whole(chunk)
                }
                None => {
                    if self.batch.fill(chunk, &mut self.stream, &self.deferral) {
                        return Some(Next::Batch);
                    }
                    self.batch.next_event()
                }
            },
        };
        match whole {
            Some(whole) => Some(self.whole(chunk, whole)),
            None => match self.stream.next_of_any_shape(chunk) {
                Some(step) => Some(Next::Other(self.step(chunk, step))),
                None => {
                    self.likeness.clear();
                    None
                }
            },
        }
    }

    /// The payload of the next event if it is like the one kept.
    #[inline(always)]
    fn next_like(&mut self, chunk: &[u8]) -> Option<Range<usize>> {
        let is_deferred = |payload: &[u8]| self.deferral.is_due(payload);
        let repeat = self.likeness.read(chunk, &mut self.stream, is_deferred)?;
        self.index += 1;
        Some(repeat.payload)
    }

    /// The values of the event given last as [`Next::Like`].
    #[inline(always)]
    pub(super) fn values(&self) -> &[Scalar] {
        self.likeness.values()
    }

    /// The last two events of the batch that was decoded, if they are alike.
    pub(super) fn alike(&self, chunk: &[u8]) -> Option<Pair> {
        let is_wanted = self.likeness.is_wanted();
        is_wanted.then(|| self.batch.alike(chunk)).flatten()
    }

    /// Takes the event of which the caller kept the value; `None` if it did not.
    pub(super) fn take_like(&mut self, chunk: &[u8], pair: Option<Pair>) {
        match pair {
            Some(pair) => self.likeness.set(chunk, pair),
            None => self.likeness.refuse(),
        }
    }

    /// As [`Stream::take_kept`].
    pub(super) fn take_kept(&mut self) -> Option<Range<usize>> {
        self.stream.take_kept()
    }

    /// Ends the stream: as [`Stream::finish`].
    pub(super) fn finish(&mut self) -> Option<Task> {
        let step = self.stream.finish()?;
        Some(self.step(&[], step))
    }

    /// The events that are to be decoded together.
    pub(super) fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Takes the number of values that they were decoded to. If these are the values of the events,
    /// that is true, and their numbers come from [`Tasks::next_value`]; otherwise, and without this call, the events
    /// come one by one.
    pub(super) fn accept_batch(&mut self, values: usize) -> bool {
        let accepted = self.batch.accept(values);
        self.index += accepted as u64;
        accepted > 0
    }

    /// The index of the next value in the batch that was decoded.
    #[inline(always)]
    pub(super) fn next_value(&mut self) -> Option<usize> {
        self.batch.next_value()
    }

    /// The small event given last, which did not decode as it is.
    #[cold]
    pub(super) fn refused_small(&self, chunk: &[u8], whole: Whole) -> Event {
        let found = WholeEvent {
            payload: Value::InChunk(whole.data),
            offset: whole.offset,
            index: self.index - 1,
            name: Value::InChunk(whole.event),
            spans: None,
            is_complete: true,
        };
        self.refused(chunk, found)
    }

    /// An event that did not decode as it is.
    #[cold]
    pub(super) fn refused(&self, chunk: &[u8], mut found: WholeEvent) -> Event {
        let spans = found.spans.take();
        let spans = spans.unwrap_or_else(|| spans::find(found.payload.bytes(chunk), self.keys()));
        found.into_event(spans)
    }

    /// The long ones of an event's spans, if its payload is to be decoded without them.
    pub(super) fn cut(&mut self, spans: &[Span]) -> Option<Cut> {
        self.cutter.as_mut()?.cut(spans)
    }

    /// Takes whether that payload was read.
    pub(super) fn cut_is_read(&mut self, is_read: bool) {
        if let Some(cutter) = &mut self.cutter {
            cutter.read(is_read);
        }
    }

    /// Whether a payload, with or without long strings, is deferred undecoded.
    pub(super) fn is_deferred(&self, payload: &[u8]) -> bool {
        self.deferral.is_due(payload)
    }

    /// What is to be done with an event whose payload is now joined.
    #[cold]
    pub(super) fn joined(&mut self, event: Unjoined, payload: Vec<u8>) -> Task {
        let frame = Frame {
            data: Value::Owned(payload),
            ..event.frame
        };
        self.frame(&[], frame, event.is_complete)
    }

    fn keys(&self) -> &Keys {
        self.stream.data_lines.spans().keys()
    }

    /// Nearly every event is a small object.
    #[inline(always)]
    fn whole(&mut self, chunk: &[u8], whole: Whole) -> Next {
        let payload = &chunk[whole.data.clone()];
        if payload.len() < LONG_PAYLOAD
            && payload.first() == Some(&b'{')
            && !self.deferral.is_due(payload)
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
            Step::Cut(frame) => Task::Defer(self.count(frame, None, false).into_event(Vec::new())),
            Step::TooLarge(too_large) => {
                self.index += 1;
                Task::TooLarge(too_large, self.index - 1)
            }
        }
    }

    /// An event whose chunks may keep parts of its data. Where base64 is all that they keep, the
    /// payload is left in segments.
    fn any_frame(&mut self, chunk: &[u8], mut frame: Frame, is_complete: bool) -> Task {
        let kept: Vec<Kept> = mem::take(&mut frame.kept);
        if kept.is_empty() {
            return self.frame(chunk, frame, is_complete);
        }
        let rest = match mem::replace(&mut frame.data, Value::Owned(Vec::new())) {
            Value::Owned(rest) => rest,
            Value::InChunk(range) => chunk[range].to_vec(),
        };
        let found = spans::find_past(&rest, self.keys(), &frame.clean);
        let segments = segments::segments(rest.len(), &kept);
        match segments::spans_with(&found, &kept) {
            Some(spans) => {
                let payload = Payload::Segments(rest, segments);
                let event = self.count(frame, None, is_complete).into_event(spans);
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
            && !self.deferral.is_due(payload);
        let found = self.count(frame, spans, is_complete);
        match is_decoded {
            true => Task::Decode(found),
            false => Task::Defer(self.refused(chunk, found)),
        }
    }

    /// The next event, which counts from here on.
    fn count(&mut self, frame: Frame, spans: Option<Vec<Span>>, is_complete: bool) -> WholeEvent {
        self.index += 1;
        WholeEvent {
            payload: frame.data,
            offset: frame.offset,
            index: self.index - 1,
            name: frame.event,
            spans,
            is_complete,
        }
    }
}
