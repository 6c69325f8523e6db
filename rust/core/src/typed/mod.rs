//! A stream whose events are decoded.
//!
//! Most payloads are copied and decoded as they are. Of one with long base64 in it, the rest is
//! decoded. One that did not decode is deferred with the spans of its base64. The [`Caller`] decodes:
//! nothing here knows a type.

mod batch;
mod cut;
mod deferral;
mod tasks;

pub use self::cut::Cut;
use self::tasks::{Next, Task, Tasks};
use crate::frames::{TooLarge, Value};
use crate::input::{Arrival, Input, Part, Source};
use crate::like::{Member, Scalar};
use crate::segments::{self, Segment};
use crate::spans::{Keys, Span};
use crate::stream::Eof;

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
    /// Payloads that contain these bytes are deferred undecoded.
    pub defer_if_contains: Option<Vec<u8>>,
    /// Whether small events may be decoded together.
    pub batches: bool,
    /// Whether payloads may be decoded without their long base64: [`Caller::decode_cut`].
    pub cuts: bool,
}

/// What decodes the events of a stream. An error of any of its functions is passed on; the next
/// event follows it.
pub trait Caller: Source {
    /// What an event becomes.
    type Value;
    /// A copy of payloads: other code may run while it is decoded, and change the chunk.
    type Copy;
    /// A payload in place.
    type Place;

    /// A copy of `size` bytes, all of which `write` writes.
    fn copy(&self, size: usize, write: impl FnOnce(&mut [u8])) -> Result<Self::Copy, Self::Error>;

    /// Decodes a payload as it is. `None` refuses it: then it is deferred.
    fn decode(&mut self, payload: Self::Copy) -> Result<Option<Self::Value>, Self::Error>;

    /// Decodes payloads, one per line. Returns how many values they are, of which
    /// [`Caller::value`] gives each; `None` refuses them: then each payload is decoded by itself.
    fn decode_lines(&mut self, lines: Self::Copy) -> Result<Option<usize>, Self::Error>;

    /// The value at this index of the batch that [`Caller::decode_lines`] decoded last.
    fn value(&mut self, number: usize) -> Result<Self::Value, Self::Error>;

    /// Whether the value at this index of that batch, changed in these members alone, is the value of
    /// any event that differs from its event in them alone: see [`Member`]. Then it is kept for
    /// [`Caller::like`], as it is now.
    fn keeps(&mut self, number: usize, members: &[Member]) -> Result<bool, Self::Error>;

    /// The value kept last, with these values of the members, of which the texts lie in `payload`.
    fn like(&self, payload: &[u8], values: &[Scalar]) -> Result<Self::Value, Self::Error>;

    /// What [`Caller::decode_cut`] and [`Caller::deferred`] are given of a payload, whose range is of
    /// `chunk`, or whose segments are of `kept`.
    fn place(
        &self,
        payload: Payload,
        chunk: Option<&Self::Chunk>,
        kept: &[Part<Self::Chunk>],
    ) -> Result<Self::Place, Self::Error>;

    /// Decodes a payload with placeholders in the place of its long base64: what is read as base64
    /// must be one, and becomes the span of `place` that [`Cut::take`] gives. The value only counts if
    /// the cut is exact then. `None` refuses the payload: then it is deferred.
    fn decode_cut(
        &mut self,
        json: Self::Copy,
        cut: Cut,
        place: &Self::Place,
    ) -> Result<Option<(Self::Value, Cut)>, Self::Error>;

    /// Takes an event that is not decoded as it is, and not without its base64; `None` delivers
    /// nothing. The name of the event may be a range of `chunk`.
    fn deferred(
        &mut self,
        event: Event<Self::Place>,
        chunk: Option<&Self::Chunk>,
    ) -> Result<Option<Self::Value>, Self::Error>;

    /// Takes the mark that ends a stream, `[DONE]`, which is no event.
    fn done(&mut self) -> Result<Option<Self::Value>, Self::Error>;

    /// Takes the index of an event that was too large.
    fn too_large(
        &mut self,
        too_large: TooLarge,
        index: u64,
    ) -> Result<Option<Self::Value>, Self::Error>;
}

/// An event that is deferred.
#[derive(Debug)]
pub struct Event<P = Payload> {
    /// As [`crate::frames::Frame::offset`].
    pub offset: u64,
    /// How many events came before it.
    pub index: u64,
    /// As [`crate::frames::Frame::event`].
    pub name: Value,
    /// Its payload.
    pub payload: P,
    /// The spans of the payload.
    pub spans: Vec<Span>,
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

/// A stream whose events are decoded.
pub struct TypedStream {
    tasks: Tasks,
}

impl TypedStream {
    /// A stream at its start.
    pub fn new(options: Options) -> Self {
        TypedStream {
            tasks: Tasks::new(options),
        }
    }

    /// What the next event becomes; `None` when there is none, or none yet.
    #[inline(always)]
    pub fn next<C: Caller>(
        &mut self,
        input: &mut Input<C::Chunk>,
        caller: &mut C,
    ) -> Result<Option<C::Value>, C::Error> {
        loop {
            if let Some(number) = self.tasks.next_value() {
                return caller.value(number).map(Some);
            }
            let found = match input.chunk() {
                Some(chunk) => self.tasks.next(caller.bytes(chunk)),
                None => None,
            };
            let value = match found {
                Some(Next::Small(whole)) => {
                    let payload = copy(caller, &bytes(input, caller)[whole.data.clone()])?;
                    match caller.decode(payload)? {
                        Some(value) => return Ok(Some(value)),
                        None => {
                            let event = self.tasks.refused_small(bytes(input, caller), whole);
                            self.defer(event, &[], input, caller)?
                        }
                    }
                }
                Some(Next::Like(payload)) => {
                    let payload = &bytes(input, caller)[payload];
                    return caller.like(payload, self.tasks.values()).map(Some);
                }
                Some(Next::Batch) => {
                    self.decode_batch(input, caller)?;
                    None
                }
                Some(Next::Other(task)) => self.perform(task, input, caller)?,
                None => match self.advance(input, caller)? {
                    Arrival::Chunk => None,
                    Arrival::Nothing => return Ok(None),
                    Arrival::End => match self.tasks.finish() {
                        Some(task) => self.perform(task, input, caller)?,
                        None => return Ok(None),
                    },
                },
            };
            if value.is_some() {
                return Ok(value);
            }
        }
    }

    #[inline(never)]
    fn decode_batch<C: Caller>(
        &mut self,
        input: &Input<C::Chunk>,
        caller: &mut C,
    ) -> Result<(), C::Error> {
        let (batch, chunk) = (self.tasks.batch(), bytes(input, caller));
        let lines = caller.copy(batch.size(), |lines| batch.write(chunk, lines))?;
        let Some(values) = caller.decode_lines(lines)? else {
            return Ok(());
        };
        if !self.tasks.accept_batch(values) {
            return Ok(());
        }
        if let Some(pair) = self.tasks.alike(bytes(input, caller)) {
            let is_kept = caller.keeps(values - 1, &pair.members)?;
            self.tasks
                .take_like(bytes(input, caller), is_kept.then_some(pair));
        }
        Ok(())
    }

    fn advance<C: Caller>(
        &mut self,
        input: &mut Input<C::Chunk>,
        caller: &mut C,
    ) -> Result<Arrival, C::Error> {
        if let Some(part) = self.tasks.take_kept() {
            input.keep(part);
        }
        input.advance(caller)
    }

    #[cold]
    fn perform<C: Caller>(
        &mut self,
        task: Task,
        input: &mut Input<C::Chunk>,
        caller: &mut C,
    ) -> Result<Option<C::Value>, C::Error> {
        let kept = input.take_kept();
        match task {
            Task::Decode(found) => {
                let payload = copy(caller, found.payload.bytes(bytes(input, caller)))?;
                match caller.decode(payload)? {
                    Some(value) => Ok(Some(value)),
                    None => {
                        let event = self.tasks.refused(bytes(input, caller), found);
                        self.defer(event, &kept, input, caller)
                    }
                }
            }
            Task::Defer(event) => self.defer(event, &kept, input, caller),
            Task::Join(event) => {
                let part = |number: usize| part(&kept, number, caller);
                let payload = segments::join(&event.rest, part, &event.segments);
                let task = self.tasks.joined(event, payload);
                self.perform(task, input, caller)
            }
            Task::Done => caller.done(),
            Task::TooLarge(too_large, index) => caller.too_large(too_large, index),
        }
    }

    /// Decodes an event without its long base64, or defers it.
    #[cold]
    fn defer<C: Caller>(
        &mut self,
        event: Event,
        kept: &[Part<C::Chunk>],
        input: &Input<C::Chunk>,
        caller: &mut C,
    ) -> Result<Option<C::Value>, C::Error> {
        let cut = match self.tasks.cut(&event.spans) {
            Some(cut) => self.copy_cut(cut, &event.payload, kept, input, caller)?,
            None => None,
        };
        let place = caller.place(event.payload, input.chunk(), kept)?;
        if let Some((cut, json)) = cut {
            let value = caller.decode_cut(json, cut, &place)?;
            let value = value.filter(|(_, cut)| cut.is_exact());
            self.tasks.cut_is_read(value.is_some());
            if let Some((value, _)) = value {
                return Ok(Some(value));
            }
        }
        let event = Event {
            payload: place,
            offset: event.offset,
            index: event.index,
            name: event.name,
            spans: event.spans,
            is_complete: event.is_complete,
        };
        caller.deferred(event, input.chunk())
    }

    /// The cut with a copy of the rest of the payload, if that may be decoded.
    fn copy_cut<C: Caller>(
        &self,
        cut: Cut,
        payload: &Payload,
        kept: &[Part<C::Chunk>],
        input: &Input<C::Chunk>,
        caller: &C,
    ) -> Result<Option<(Cut, C::Copy)>, C::Error> {
        let part = |number: usize| part(kept, number, caller);
        let pieces = match payload {
            Payload::Piece(payload) => vec![payload.bytes(bytes(input, caller))],
            Payload::Segments(rest, segments) => segments::pieces(rest, part, segments).collect(),
        };
        let size = pieces.iter().map(|piece| piece.len()).sum();
        let mut may_be_decoded = false;
        let json = caller.copy(cut.size(size), |json| {
            may_be_decoded = cut.write(pieces, json) && !self.tasks.is_deferred(json);
        })?;
        Ok(may_be_decoded.then_some((cut, json)))
    }
}

/// The kept part of this number.
fn part<'a, C: Caller>(kept: &'a [Part<C::Chunk>], number: usize, caller: &'a C) -> &'a [u8] {
    let (chunk, range) = &kept[number];
    &caller.bytes(chunk)[range.clone()]
}

/// The bytes of the current chunk.
#[inline(always)]
fn bytes<'a, C: Caller>(input: &'a Input<C::Chunk>, caller: &'a C) -> &'a [u8] {
    let chunk = input.chunk();
    chunk.map_or(&[][..], |chunk| caller.bytes(chunk))
}

#[inline(always)]
fn copy<C: Caller>(caller: &C, payload: &[u8]) -> Result<C::Copy, C::Error> {
    caller.copy(payload.len(), |copy| copy.copy_from_slice(payload))
}
