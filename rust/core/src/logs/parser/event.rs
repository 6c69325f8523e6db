//! From the bytes of one event to what is kept of it: its stream, the counts, its row, and what is
//! to be delivered.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use super::LogParser;
use crate::frames::{Frame, Value, is_done};
use crate::limits::LONG_PAYLOAD;
use crate::logs::columns::{Place, Row, Varying};
use crate::logs::deliver::{Delivery, may_hold_items};
use crate::logs::elided::Elided;
use crate::logs::fields::{Fields, Refusal, is_error};
use crate::logs::items;
use crate::logs::lookup::Lookup;
use crate::logs::names::is_too_long;
use crate::logs::streams::Streams;
use crate::logs::{FailureKind, Output};
use crate::spans::{self, Span};

/// A payload that is yet to be read.
pub(super) struct Unread<'a> {
    pub(super) chunk: &'a [u8],
    pub(super) data: Value,
    /// The part that was found clean: see [`Frame::clean`].
    pub(super) clean: Range<usize>,
    /// The offsets of the event's lines.
    pub(super) lines: Range<u64>,
    /// The value of its `event` line.
    pub(super) name: &'a [u8],
    pub(super) is_whole: bool,
}

/// An event whose fields were just read. It refers to what only a delivered event takes: moving it
/// for each event would cost as much as reading a number.
pub(super) struct Decoded<'a> {
    pub(super) chunk: &'a [u8],
    pub(super) data: &'a mut Value,
    pub(super) lines: Range<u64>,
    pub(super) name: &'a [u8],
    /// The base64 fields of a long payload.
    pub(super) spans: &'a [Span],
    /// For an event that is like the one before it, and has its type: the members that differ.
    pub(super) varying: Option<Varying>,
}

impl LogParser {
    /// Reads a payload, and returns whether it is an event.
    pub(super) fn read(&mut self, unread: Unread<'_>) -> bool {
        let Unread {
            chunk,
            mut data,
            clean,
            lines,
            name,
            is_whole,
        } = unread;
        let bytes = data.bytes(chunk);
        if is_done(bytes) {
            let ended = self.streams.finish();
            self.pending.outputs.extend(ended.map(Output::Stream));
            return false;
        }
        // Some servers keep a connection alive with empty events.
        if is_whole
            && bytes
                .iter()
                .all(|byte| matches!(byte, b' ' | b'\t'..=b'\r'))
        {
            return false;
        }
        let is_long = bytes.len() >= LONG_PAYLOAD;
        let mut spans = Vec::new();
        if is_long {
            spans = match &data {
                Value::InChunk(range) => self.lines.of(chunk, range.start, range.end),
                Value::Owned(bytes) => spans::find_past(bytes, self.lines.keys(), &clean),
            };
        }
        let result = match &data {
            Value::InChunk(range) if !is_long => self.fields.read_next(chunk, range.clone()),
            _ => self.fields.read(bytes, &spans),
        };
        if let Err(refusal) = result {
            let kind = if is_whole || refusal == Refusal::Schema {
                FailureKind::Refused(refusal)
            } else {
                FailureKind::Truncated
            };
            self.fail(Some(data), lines, name, kind);
            return false;
        }
        self.fields.take_name(name);
        self.event(Decoded {
            chunk,
            data: &mut data,
            lines,
            name,
            spans: &spans,
            varying: None,
        });
        true
    }

    /// Adds an event to its stream, to the counts and to the columns, and keeps it if it is to be
    /// delivered. Not inlined: it is called in three places, and is long.
    #[inline(never)]
    pub(super) fn event(&mut self, event: Decoded<'_>) {
        let payload = event.data.bytes(event.chunk);
        let fields = self.fields.fields();
        let (offset, length) = (event.lines.start, event.lines.end - event.lines.start);
        let change = self.streams.add(offset, payload, fields);
        if let Some(ended) = change.ended {
            self.pending.outputs.push(Output::Stream(ended));
        }
        self.totals.add(1, length);
        self.totals.nonstandard += u64::from(!self.fields.is_standard());
        self.body.counted += length;
        let name = if self.name.is_repeated {
            self.types.add_again(1, length);
            self.name.last()
        } else {
            let name = self.name.of_event(event.name, payload, fields);
            self.types.add(name, length);
            name
        };
        let deliver = self.options.deliver;
        let has_items = deliver.items && {
            let type_ = type_of(fields, name, payload);
            take_items(&mut self.streams, fields, &type_, payload, event.spans)
        };
        let place = place_in(&self.streams, event.lines.clone(), change.index);
        let stream = self.streams.current();
        let response_id = stream.and_then(|stream| stream.id.as_deref());
        let row = Row {
            place,
            event: name,
            response_id,
            fields,
            payload: Elided {
                text: payload,
                spans: event.spans,
                keys: self.lines.keys(),
            },
        };
        // A new stream, or a member that may name it, changes more than the event's own values.
        let repeats = change.index > 0 && !fields.has_response() && !fields.is_chunk();
        let varying = event.varying.filter(|_| repeats);
        match varying {
            Some(varying) => self.options.columns.push_repeat(&row, varying),
            None => self.options.columns.push(&row),
        }
        // A text delta that says no more than the one before it is delivered if that was.
        let is_like_last = varying.is_some_and(Varying::is_only_place_and_delta)
            && fields.is_text_delta()
            && !change.is_edge;
        if is_like_last && !self.last.was_delivered {
            return;
        }
        let delivery = deliver.takes(fields, payload, event.spans, change.is_edge, has_items);
        self.last.was_delivered = delivery.is_some();
        if let Some(delivery) = delivery {
            let (name, response_id) = (name.into(), response_id.map(Box::from));
            self.deliver(event, place, name, response_id, delivery);
        }
    }

    /// Adds an event that is like the one before it, and adds to a text: of all that
    /// [`LogParser::event`] asks, the answers are those for that one.
    ///
    /// Its type is the same, so that it is of the same API and neither begins nor ends a stream. It
    /// names no response and tells no error, so that nothing is to be kept but its number and its
    /// text. The one before it was not delivered, and so it is not.
    ///
    /// [`LogParser::count_texts`] must follow.
    #[inline(always)]
    pub(super) fn text(&mut self, payload: &[u8], lines: Range<u64>) {
        let fields = self.fields.fields();
        let index = self.streams.add_text(lines.start, payload, fields);
        let stream = self.streams.current();
        let row = Row {
            place: place_in(&self.streams, lines, index),
            event: self.name.last(),
            response_id: stream.and_then(|stream| stream.id.as_deref()),
            fields,
            payload: Elided {
                text: payload,
                spans: &[],
                keys: self.lines.keys(),
            },
        };
        let varying = self.last.varying.unwrap_or_default();
        self.options.columns.push_repeat(&row, varying);
    }

    /// Counts such events, whose lines have so many bytes.
    #[inline(always)]
    pub(super) fn count_texts(&mut self, events: u64, bytes: u64) {
        self.totals.add(events, bytes);
        self.body.counted += bytes;
        self.types.add_again(events, bytes);
    }

    #[cold]
    fn deliver(
        &mut self,
        decoded: Decoded<'_>,
        place: Place,
        event: Box<[u8]>,
        response_id: Option<Box<[u8]>>,
        mut delivery: Delivery,
    ) {
        let data = mem::replace(decoded.data, Value::InChunk(0..0));
        let payload = data.bytes(decoded.chunk);
        let spans = match payload.len() < LONG_PAYLOAD {
            true => spans::find(payload, self.lines.keys()),
            false => decoded.spans.to_vec(),
        };
        let contents = match &data {
            Value::InChunk(range) => self.lines.contents(range.start).to_vec(),
            Value::Owned(_) => Vec::new(),
        };
        for picture in &mut delivery.pictures {
            let start = picture.range.start;
            let number = spans.iter().position(|span| span.start == start);
            let content = number.and_then(|number| contents.get(number));
            picture.content = content.copied().unwrap_or_default();
        }
        let id_len = response_id.as_ref().map_or(0, |id| id.len());
        self.pending.bytes += payload.len() + event.len() + id_len;
        self.pending.outputs.push(Output::Event {
            payload: data,
            spans,
            contents,
            place,
            event,
            response_id,
            pictures: delivery.pictures,
        });
    }

    /// An event that was cut before its data.
    pub(super) fn cut(&mut self, frame: Frame) {
        let lines = self.body.lines(frame.offset, frame.end);
        let name = frame.event.bytes(&[]);
        if is_too_long(name) {
            self.fail(None, lines, b"", FailureKind::TooLarge);
            return;
        }
        let payload = Some(Value::Owned(Vec::new()));
        self.fail(payload, lines, name, FailureKind::Truncated);
    }

    pub(super) fn end_too_large(&mut self, end: Option<u64>) {
        if let Some(end) = end
            && let Some(too_large) = self.body.too_large.take()
        {
            let lines = self.body.lines(too_large.offset, end);
            self.fail(None, lines, b"", FailureKind::TooLarge);
        }
    }

    /// Adds an event that did not decode.
    #[cold]
    pub(super) fn fail(
        &mut self,
        payload: Option<Value>,
        lines: Range<u64>,
        name: &[u8],
        kind: FailureKind,
    ) {
        let offset = lines.start;
        let index = self.streams.fail(offset);
        let length = lines.end - offset;
        self.totals.failures += 1;
        self.totals.failure_bytes += length;
        self.body.counted += length;
        let event = match (self.name.of(name), kind) {
            (_, FailureKind::TooLarge) => b"",
            (b"", _) => &b"message"[..],
            (name, _) => name,
        };
        let place = place_in(&self.streams, lines, index);
        self.pending.bytes += payload.as_ref().map_or(0, Value::len) + event.len();
        self.pending.outputs.push(Output::Failure {
            payload,
            place,
            event: event.into(),
            kind,
        });
    }
}

/// The type of an event with this name: that of its payload, else its name.
fn type_of<'a>(fields: &Fields, name: &'a [u8], payload: &'a [u8]) -> Cow<'a, [u8]> {
    match fields.type_() {
        Some(type_) if !is_error(name) => {
            let mut scratch = Vec::new();
            type_.unescaped(payload, &mut scratch).to_vec().into()
        }
        _ => name.into(),
    }
}

/// Takes in what an event adds to items, and returns whether it may hold whole ones.
fn take_items(
    streams: &mut Streams,
    fields: &Fields,
    type_: &[u8],
    payload: &[u8],
    spans: &[Span],
) -> bool {
    streams.add_items(&items::Event {
        fields,
        kind: type_,
        lookup: Lookup {
            payload,
            clean: spans,
            from: fields.from,
        },
    });
    may_hold_items(type_)
}

/// The place of an event that was just added to the current stream.
#[inline(always)]
fn place_in(streams: &Streams, lines: Range<u64>, index: u64) -> Place {
    let stream = streams.current();
    Place {
        stream: stream.map_or(lines.start, |stream| stream.offset),
        offset: lines.start,
        length: lines.end - lines.start,
        index,
    }
}
