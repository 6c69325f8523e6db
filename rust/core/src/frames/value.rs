//! What the parser gives: values, events and what the end of a stream leaves.

use std::ops::Range;

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// It lies in the chunk that the event ended in.
    InChunk(Range<usize>),
    /// It had to be put together.
    Owned(Vec<u8>),
}

impl Value {
    pub(super) const EMPTY: Value = Value::InChunk(0..0);

    /// The bytes of the value; `chunk` is the one that the event ended in.
    #[inline]
    pub fn bytes<'a>(&'a self, chunk: &'a [u8]) -> &'a [u8] {
        match self {
            Value::InChunk(range) => &chunk[range.clone()],
            Value::Owned(bytes) => bytes,
        }
    }

    /// The bytes of the value, copied if they lie in `chunk`, the one that the event ended in.
    pub fn into_owned(self, chunk: &[u8]) -> Vec<u8> {
        match self {
            Value::InChunk(range) => chunk[range].to_vec(),
            Value::Owned(bytes) => bytes,
        }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        match self {
            Value::InChunk(range) => range.len(),
            Value::Owned(bytes) => bytes.len(),
        }
    }

    /// True for the empty value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value as bytes that can grow, copied out of the chunk if it lies there.
    pub(super) fn make_owned(&mut self, chunk: &[u8]) -> &mut Vec<u8> {
        if let Value::InChunk(range) = self {
            *self = Value::Owned(chunk[range.clone()].to_vec());
        }
        match self {
            Value::Owned(bytes) => bytes,
            Value::InChunk(_) => unreachable!("the value has just been made owned"),
        }
    }
}

/// A part of data that stays in its chunk: see [`super::FrameParser::keep_clean_chunks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it belongs, as an index into the data without the kept parts.
    pub at: usize,
    /// How many bytes it has.
    pub len: usize,
}

/// One dispatched event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The stream's byte offset of the event's first line that is no comment.
    pub offset: u64,
    /// The value of the last `event` line; empty means `message`.
    pub event: Value,
    /// The values of the `data` lines, joined with LF.
    pub data: Value,
    /// The value of the last valid `retry` line of this event.
    pub retry: Option<u64>,
    /// True if a valid `id` line of this event set the last event id.
    pub sets_id: bool,
    /// A range of data that had to be put together in which every byte is clean (see
    /// [`crate::clean`]): the search for the end of its line found that out.
    pub clean: Range<usize>,
    /// The parts of `data` that the chunks before this one keep, in order.
    pub kept: Vec<Kept>,
    /// The stream's byte offset past the event's lines: that of the blank line, if there is one.
    pub end: u64,
}

/// An event that lies whole in its chunk, has one `data` line and neither `id` nor `retry`:
/// the ranges are of the chunk.
#[derive(Clone, Debug)]
pub struct Whole {
    /// As [`Frame::offset`].
    pub offset: u64,
    /// As [`Frame::event`].
    pub event: Range<usize>,
    /// As [`Frame::data`].
    pub data: Range<usize>,
    /// As [`Frame::end`].
    pub end: u64,
    /// True if the event before it, also found as such in this chunk, has the same name.
    pub repeats_name: bool,
}

impl From<Whole> for Frame {
    fn from(whole: Whole) -> Frame {
        Frame {
            offset: whole.offset,
            event: Value::InChunk(whole.event),
            data: Value::InChunk(whole.data),
            retry: None,
            sets_id: false,
            clean: 0..0,
            kept: Vec::new(),
            end: whole.end,
        }
    }
}

/// An event that grew past the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The stream's byte offset of the event's first line that is no comment.
    pub offset: u64,
}

/// What the end of the stream leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing, or nothing that belongs to an event.
    Nothing,
    /// An event whose blank line is missing.
    Frame(Frame),
    /// An event that was cut before its data: only its offset and its name are there.
    Cut(Frame),
    /// An event that its last line, which nothing ends, makes too large.
    TooLarge(TooLarge),
}

/// The name of an event whose last `event` line has this value.
#[inline(always)]
pub fn event_name(value: &[u8]) -> &[u8] {
    if value.is_empty() { b"message" } else { value }
}

/// Whether a payload is `[DONE]`, which ends a stream, between any ASCII white space.
#[inline(always)]
pub fn is_done(payload: &[u8]) -> bool {
    payload.first() != Some(&b'{') && trimmed(payload) == b"[DONE]"
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t'..=b'\r', rest @ ..] | [rest @ .., b' ' | b'\t'..=b'\r'] = bytes {
        bytes = rest;
    }
    bytes
}
