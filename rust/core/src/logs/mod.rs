//! Logs: bodies of recorded streams, read to rows of the events table and to what is found beside.
//!
//! bytes → frames (or JSON lines) → fields → streams → columns, an event at a time and without an
//! allocation for it. Only what was asked for, what did not decode and the ends of streams are
//! handed out, as [`Found`].

pub mod apis;
pub mod columns;
pub mod fields;
pub mod json_lines;
pub mod roles;
pub mod sequence;
pub mod streams;

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use crate::frames::{Frame, FrameParser, Rest, TooLarge, Value, Whole, is_done};
use crate::limits::LONG_PAYLOAD;
use crate::logs::apis::{BASE64_KEYS, IMAGE_ITEMS};
use crate::logs::columns::{Columns, Place, Row, Varying};
use crate::logs::fields::{Choice, FieldReader, Fields, Refusal};
use crate::logs::json_lines::{JsonLine, JsonLines};
use crate::logs::roles::Role;
use crate::logs::streams::{Stream, Streams};
use crate::spans::{self, Keys, RepeatedSpans, Span};
use crate::template::{Repeat, Template};

/// How the bytes of a body are divided into events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// An event stream.
    Sse,
    /// One event's JSON a line.
    Lines,
}

/// Which events are delivered to the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deliver {
    /// All of them.
    pub all: bool,
    /// Those that tell how their response began, went and ended.
    pub state: bool,
    /// Those that tell a whole text. Only with these, or with the others above, are the texts of
    /// the streams kept.
    pub texts: bool,
    /// Those that may hold an image.
    pub images: bool,
}

/// The default of [`Options::batch_rows`].
pub const BATCH_ROWS: usize = 16_384;
/// The default of [`Options::batch_bytes`].
pub const BATCH_BYTES: usize = 4 << 20;

/// How a log is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// How events are told apart.
    pub framing: Framing,
    /// The columns of the events table.
    pub columns: Columns,
    /// Which events are delivered.
    pub deliver: Deliver,
    /// A larger event is a failure.
    pub max_event_size: Option<usize>,
    /// A batch is full when it has so many rows,
    pub batch_rows: usize,
    /// or so many bytes in its strings.
    pub batch_bytes: usize,
}

/// Why an event did not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Its payload was refused.
    Refused(Refusal),
    /// It is the last one and not whole.
    Truncated,
    /// It is larger than the limit.
    TooLarge,
}

/// What is handed out.
#[derive(Debug)]
pub enum Found {
    /// An event that was asked for, and the base64 fields of its payload.
    Event {
        /// Its payload.
        payload: Value,
        /// The strings in it that are base64, or may be.
        spans: Vec<Span>,
        /// For each of them its content's number: see [`RepeatedSpans::contents`]; it may lack.
        contents: Vec<u32>,
        /// Where it lies.
        place: Place,
        /// Its name.
        event: Box<[u8]>,
        /// The id of its response.
        response_id: Option<Box<[u8]>>,
    },
    /// An event that did not decode.
    Failure {
        /// Its payload, if it was kept.
        payload: Option<Value>,
        /// Where it lies.
        place: Place,
        /// Its name.
        event: Box<[u8]>,
        /// What was wrong.
        kind: FailureKind,
    },
    /// A stream has ended.
    Stream(Box<Stream>),
}

/// How far [`LogParser::advance`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A batch is full: it must be taken.
    Full,
    /// Much was done or found, and there is more to do.
    Pause,
    /// The chunk is used up.
    UsedUp,
}

/// Counts over all bodies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// The decoded events, and the bytes of their lines.
    pub events: u64,
    /// See `events`.
    pub event_bytes: u64,
    /// The failures, and the bytes of their lines.
    pub failures: u64,
    /// See `failures`.
    pub failure_bytes: u64,
    /// The bytes that belong to neither: comments, blank lines, marks.
    pub other_bytes: u64,
}

/// The decoded events of one name.
#[derive(Clone, Debug)]
pub struct TypeCount {
    /// The name, or its beginning.
    pub name: Vec<u8>,
    /// How many there are, and the bytes of their lines.
    pub events: u64,
    /// See `events`.
    pub bytes: u64,
}

/// As many names are counted apart; they come from the log and may be without end.
const MAX_TYPES: usize = 1000;
/// As many bytes of a name count.
const MAX_TYPE_LEN: usize = 200;
const OTHER_TYPES: &[u8] = b"(other types)";

/// Base64 of at least this length is left out of the payload column.
const MIN_ELIDED: usize = 1024;

/// Work is done in steps of about this many bytes, or things found, or bytes of their payloads.
const STEP_BYTES: usize = 32 << 20;
const STEP_FOUND: usize = 256;
const STEP_FOUND_BYTES: usize = 16 << 20;

/// The names of the events, and how often each came.
#[derive(Debug, Default)]
struct Types {
    counts: Vec<TypeCount>,
    by_name: HashMap<Vec<u8>, usize>,
    last: usize,
}

impl Types {
    #[inline(always)]
    fn add(&mut self, name: &[u8], bytes: u64) {
        let is_last = |count: &TypeCount| count.name == name;
        if !self.counts.get(self.last).is_some_and(is_last) {
            self.last = self.find(name);
        }
        self.add_again(bytes);
    }

    /// Adds an event with the name of the last one.
    #[inline(always)]
    fn add_again(&mut self, bytes: u64) {
        if let Some(count) = self.counts.get_mut(self.last) {
            count.events += 1;
            count.bytes += bytes;
        }
    }

    #[cold]
    fn find(&mut self, name: &[u8]) -> usize {
        let mut name = &name[..floor_char(name, MAX_TYPE_LEN)];
        if !self.by_name.contains_key(name) && self.counts.len() >= MAX_TYPES {
            name = OTHER_TYPES;
        }
        if let Some(&at) = self.by_name.get(name) {
            return at;
        }
        self.by_name.insert(name.to_vec(), self.counts.len());
        self.counts.push(TypeCount {
            name: name.to_vec(),
            events: 0,
            bytes: 0,
        });
        self.counts.len() - 1
    }
}

/// The largest index up to `max` at which a character of the UTF-8 text begins.
fn floor_char(text: &[u8], max: usize) -> usize {
    let mut at = max.min(text.len());
    while at < text.len() && text[at] & 0xC0 == 0x80 {
        at -= 1;
    }
    at
}

/// The name that the last `event` line gave, as text: most events have that of the one before.
#[derive(Debug, Default)]
struct LastName {
    raw: Vec<u8>,
    text: Vec<u8>,
}

impl LastName {
    #[inline(always)]
    fn of(&mut self, raw: &[u8]) -> &[u8] {
        if self.raw != raw {
            self.raw = raw.to_vec();
            self.text = String::from_utf8_lossy(raw).into_owned().into_bytes();
        }
        &self.text
    }
}

enum Splitter {
    Sse(Box<FrameParser>),
    Lines(JsonLines),
}

/// A payload and what is known of it.
struct Payload<'a> {
    chunk: &'a [u8],
    data: Value,
    /// The part that is known to be clean: see [`Frame::clean`].
    clean: Range<usize>,
    offset: u64,
    end: u64,
    is_whole: bool,
}

/// Reads the bodies of a log, one after another.
pub struct LogParser {
    options: Options,
    splitter: Splitter,
    lines: RepeatedSpans,
    fields: FieldReader,
    template: Template,
    streams: Streams,
    types: Types,
    name: LastName,
    /// Whether the last event was a [`Whole`] one and has the last name, which was not empty.
    is_named_last: bool,
    too_large: Option<TooLarge>,
    found: Vec<Found>,
    found_bytes: usize,
    totals: Totals,
    scratch: Vec<u8>,
    /// The offset of the body, and the bytes of it before the current chunk.
    body_offset: u64,
    chunk_start: u64,
    /// The bytes of the body's events and failures.
    counted: u64,
}

impl LogParser {
    /// A parser for logs of this kind.
    pub fn new(options: Options) -> Self {
        let keys = BASE64_KEYS.iter().map(|key| Box::from(key.as_bytes()));
        let lines = RepeatedSpans::new(Keys::Named(keys.collect()));
        LogParser {
            splitter: splitter(&options),
            options,
            lines,
            fields: FieldReader::default(),
            template: Template::default(),
            streams: Streams::default(),
            types: Types::default(),
            name: LastName::default(),
            is_named_last: false,
            too_large: None,
            found: Vec::new(),
            found_bytes: 0,
            totals: Totals::default(),
            scratch: Vec::new(),
            body_offset: 0,
            chunk_start: 0,
            counted: 0,
        }
    }

    /// A body begins, whose first byte has this offset.
    pub fn begin(&mut self, offset: u64) {
        self.splitter = splitter(&self.options);
        let wanted = self.options.deliver;
        self.streams = Streams::default();
        self.streams.keeps_texts = wanted.all || wanted.state || wanted.texts;
        self.forget();
        self.too_large = None;
        self.body_offset = offset;
        self.chunk_start = 0;
        self.counted = 0;
    }

    /// The offset of `chunk[pos]`.
    pub fn position(&self, pos: usize) -> u64 {
        self.body_offset + self.chunk_start + pos as u64
    }

    /// The rows of the events table that were not taken yet.
    pub fn columns(&mut self) -> &mut Columns {
        &mut self.options.columns
    }

    /// What was found since the last call. Payloads are ranges of the current chunk.
    pub fn take_found(&mut self) -> Vec<Found> {
        self.found_bytes = 0;
        std::mem::take(&mut self.found)
    }

    /// The counts of all bodies so far, up to `pos` in the current chunk.
    pub fn totals(&self, pos: usize) -> Totals {
        let read = self.chunk_start + pos as u64;
        Totals {
            other_bytes: self.totals.other_bytes + read.saturating_sub(self.counted),
            ..self.totals
        }
    }

    /// The events by their names.
    pub fn types(&self) -> &[TypeCount] {
        &self.types.counts
    }

    /// Whether there is no room for another row.
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        let columns = &self.options.columns;
        columns.rows() >= self.options.batch_rows || columns.size() >= self.options.batch_bytes
    }

    /// Goes on in `chunk` from `pos`.
    pub fn advance(&mut self, chunk: &[u8], pos: &mut usize) -> Step {
        let stop = pos.saturating_add(STEP_BYTES);
        loop {
            if self.is_full() {
                return Step::Full;
            }
            if *pos >= stop
                || self.found.len() >= STEP_FOUND
                || self.found_bytes >= STEP_FOUND_BYTES
            {
                return Step::Pause;
            }
            if !self.step(chunk, pos) {
                self.chunk_start += chunk.len() as u64;
                self.forget();
                return Step::UsedUp;
            }
        }
    }

    fn forget(&mut self) {
        self.fields.forget();
        self.template.clear();
        self.lines.leave_chunk();
    }

    /// Ends the body.
    pub fn finish(&mut self) {
        let rest = match &mut self.splitter {
            Splitter::Lines(lines) => {
                if let Some(line) = lines.finish() {
                    self.line(&[], line, 0);
                }
                None
            }
            Splitter::Sse(frames) => Some((frames.finish(), frames.take_dropped_end())),
        };
        if let Some((rest, dropped_end)) = rest {
            match rest {
                Rest::Nothing => {}
                Rest::Frame(frame) => self.frame(&[], frame, false),
                Rest::Cut(frame) => self.cut(frame),
                Rest::TooLarge(too_large) => self.too_large = Some(too_large),
            }
            self.end_too_large(dropped_end);
        }
        let ended = self.streams.finish();
        self.found.extend(ended.map(Found::Stream));
        self.totals.other_bytes += self.chunk_start - self.counted;
        self.counted = self.chunk_start;
    }

    /// Takes in the next event, or returns false.
    #[inline(always)]
    fn step(&mut self, chunk: &[u8], pos: &mut usize) -> bool {
        let start = *pos;
        if let Some(repeat) = self.next_repeat(chunk, start) {
            *pos = repeat.next;
            self.repeat(chunk, start, repeat);
            return true;
        }
        self.template.clear();
        match &mut self.splitter {
            Splitter::Sse(frames) => {
                if let Some(whole) = frames.next_whole(chunk, pos, &mut self.lines) {
                    let next = *pos;
                    self.whole(chunk, whole, start..next);
                    return true;
                }
                let next = frames.next_of_any_shape(chunk, pos, &mut self.lines);
                let dropped_end = frames.take_dropped_end();
                self.end_too_large(dropped_end);
                match next {
                    None => return false,
                    Some(Ok(frame)) => self.frame(chunk, frame, true),
                    Some(Err(too_large)) => self.too_large = Some(too_large),
                }
                true
            }
            Splitter::Lines(lines) => match lines.next(chunk, pos, &mut self.lines) {
                Some(line) => {
                    let next = *pos;
                    self.line(chunk, line, next);
                    true
                }
                None => false,
            },
        }
    }

    /// The next event if it is like the last one.
    #[inline(always)]
    fn next_repeat(&mut self, chunk: &[u8], start: usize) -> Option<Repeat> {
        let can_begin = match &self.splitter {
            Splitter::Sse(frames) => frames.is_between_events(),
            Splitter::Lines(lines) => lines.is_at_line(start),
        };
        if !can_begin || !self.template.is_set() {
            return None;
        }
        let repeat = self.template.read(chunk, start, self.fields.fields_mut())?;
        let limit = self.options.max_event_size.unwrap_or(usize::MAX);
        if repeat.next - start > limit {
            return None;
        }
        if let Splitter::Lines(lines) = &mut self.splitter {
            lines.skip_to(repeat.next);
        }
        Some(repeat)
    }

    #[inline(always)]
    fn repeat(&mut self, chunk: &[u8], start: usize, repeat: Repeat) {
        let payload = &chunk[repeat.payload.clone()];
        let (offset, end) = (self.position(start), self.position(repeat.lines_end));
        let is_long = payload.len() >= LONG_PAYLOAD;
        let mut known = Vec::new();
        if is_long {
            known = spans::find(payload, self.lines.keys());
        }
        // The name is the last one, or else empty.
        let varying = self.template.varying();
        let place = self.add(payload, offset, end, b"", &known, varying);
        if self.is_delivered(payload, &known, place.1) {
            let event = match self.is_named_last {
                true => Box::from(&self.name.text[..]),
                false => self.event_name(b"", payload),
            };
            if !is_long {
                known = spans::find(payload, self.lines.keys());
            }
            self.deliver(
                Value::InChunk(repeat.payload),
                known,
                Vec::new(),
                place.0,
                event,
            );
        }
    }

    /// The event that nearly every one is: whole, in its chunk, and short.
    #[inline(always)]
    fn whole(&mut self, chunk: &[u8], whole: Whole, event: Range<usize>) {
        let is_short = whole.data.len() < LONG_PAYLOAD;
        if is_short && chunk.get(whole.data.start) == Some(&b'{') {
            let name = &chunk[whole.event.clone()];
            if self.fields.read_next(chunk, whole.data.clone()).is_ok() {
                let (offset, end) = (
                    self.body_offset + whole.offset,
                    self.body_offset + whole.end,
                );
                let payload = &chunk[whole.data.clone()];
                self.is_named_last &= whole.repeats_name;
                let place = self.add(payload, offset, end, name, &[], None);
                self.is_named_last = !name.is_empty();
                let lines_end = (end - self.body_offset - self.chunk_start) as usize;
                let repeat = Repeat {
                    payload: whole.data.clone(),
                    lines_end,
                    next: event.end,
                };
                self.template.set(chunk, event.start, &repeat, &self.fields);
                if self.is_delivered(payload, &[], place.1) {
                    let spans = spans::find(payload, self.lines.keys());
                    let event = self.event_name(name, payload);
                    self.deliver(
                        Value::InChunk(whole.data),
                        spans,
                        Vec::new(),
                        place.0,
                        event,
                    );
                }
                return;
            }
        }
        self.frame(chunk, whole.into(), true);
    }

    #[inline(never)]
    fn frame(&mut self, chunk: &[u8], frame: Frame, is_whole: bool) {
        self.is_named_last = false;
        let name = frame.event.bytes(chunk).to_vec();
        let payload = Payload {
            chunk,
            data: frame.data,
            clean: frame.clean,
            offset: self.body_offset + frame.offset,
            end: self.body_offset + frame.end,
            is_whole,
        };
        self.payload(payload, &name);
    }

    /// Takes in a line; `next` is the index of the one after it.
    fn line(&mut self, chunk: &[u8], line: JsonLine, next: usize) {
        let (offset, end) = (self.body_offset + line.offset, self.body_offset + line.end);
        self.is_named_last = false;
        let Some(data) = line.payload else {
            self.fail(None, offset, end, b"", FailureKind::TooLarge);
            return;
        };
        let place = match &data {
            Value::InChunk(range) => Some(range.clone()),
            Value::Owned(_) => None,
        };
        let decoded = self.payload(
            Payload {
                chunk,
                data,
                clean: 0..0,
                offset,
                end,
                is_whole: line.is_whole,
            },
            b"",
        );
        if let Some(payload) = place
            && decoded
        {
            let start = payload.start;
            let repeat = Repeat {
                payload,
                lines_end: next,
                next,
            };
            self.template.set(chunk, start, &repeat, &self.fields);
        }
    }

    /// Takes in an event of any shape, and tells whether it decoded.
    fn payload(&mut self, payload: Payload<'_>, name: &[u8]) -> bool {
        let Payload {
            chunk,
            data,
            clean,
            offset,
            end,
            is_whole,
        } = payload;
        let bytes = data.bytes(chunk);
        if is_done(bytes) {
            let ended = self.streams.done();
            self.found.extend(ended.map(Found::Stream));
            return false;
        }
        let is_long = bytes.len() >= LONG_PAYLOAD;
        let mut known = Vec::new();
        if is_long {
            known = match &data {
                Value::InChunk(range) => self.lines.of(chunk, range.start, range.end),
                Value::Owned(bytes) => spans::find_past(bytes, self.lines.keys(), &clean),
            };
        }
        let result = match &data {
            Value::InChunk(range) if !is_long => self.fields.read_next(chunk, range.clone()),
            _ => self.fields.read(bytes, &known),
        };
        if let Err(refusal) = result {
            let kind = if is_whole || refusal == Refusal::Schema {
                FailureKind::Refused(refusal)
            } else {
                FailureKind::Truncated
            };
            self.fail(Some(data), offset, end, name, kind);
            return false;
        }
        let place = self.add(bytes, offset, end, name, &known, None);
        if self.is_delivered(bytes, &known, place.1) {
            if !is_long {
                known = spans::find(bytes, self.lines.keys());
            }
            let event = self.event_name(name, bytes);
            let contents = match &data {
                Value::InChunk(range) => self.lines.contents(range.start).to_vec(),
                Value::Owned(_) => Vec::new(),
            };
            self.deliver(data, known, contents, place.0, event);
        }
        true
    }

    /// An event that was cut before its data.
    fn cut(&mut self, frame: Frame) {
        let name = frame.event.bytes(&[]).to_vec();
        let (offset, end) = (
            self.body_offset + frame.offset,
            self.body_offset + frame.end,
        );
        let payload = Some(Value::Owned(Vec::new()));
        self.fail(payload, offset, end, &name, FailureKind::Truncated);
    }

    fn end_too_large(&mut self, end: Option<u64>) {
        if let Some(end) = end
            && let Some(too_large) = self.too_large.take()
        {
            let (offset, end) = (self.body_offset + too_large.offset, self.body_offset + end);
            self.fail(None, offset, end, b"", FailureKind::TooLarge);
        }
    }

    #[cold]
    fn fail(
        &mut self,
        payload: Option<Value>,
        offset: u64,
        end: u64,
        name: &[u8],
        kind: FailureKind,
    ) {
        let index = self.streams.fail(offset);
        let length = end - offset;
        self.totals.failures += 1;
        self.totals.failure_bytes += length;
        self.counted += length;
        let event = match (self.name.of(name), kind) {
            (_, FailureKind::TooLarge) => b"",
            (b"", _) => &b"message"[..],
            (name, _) => name,
        };
        self.found_bytes += payload.as_ref().map_or(0, Value::len);
        self.found.push(Found::Failure {
            payload,
            place: Place {
                stream: self
                    .streams
                    .current()
                    .map_or(offset, |stream| stream.offset),
                offset,
                length,
                index,
            },
            event: event.into(),
            kind,
        });
    }

    /// Adds the event whose fields were just read, and tells whether it began its stream.
    #[inline(always)]
    fn add(
        &mut self,
        payload: &[u8],
        offset: u64,
        end: u64,
        name: &[u8],
        known: &[Span],
        varying: Option<Varying>,
    ) -> (Place, bool) {
        let fields = self.fields.fields();
        let change = self.streams.add(offset, payload, fields);
        if let Some(ended) = change.ended {
            self.found.push(Found::Stream(ended));
        }
        let length = end - offset;
        self.totals.events += 1;
        self.totals.event_bytes += length;
        self.counted += length;
        let name = if self.is_named_last {
            self.types.add_again(length);
            &self.name.text
        } else {
            let name = event_name(self.name.of(name), payload, fields, &mut self.scratch);
            self.types.add(name, length);
            name
        };
        let stream = self.streams.current();
        let id = stream.and_then(|stream| stream.id.as_deref());
        let place = Place {
            stream: stream.map_or(offset, |stream| stream.offset),
            offset,
            length,
            index: change.index,
        };
        let columns = &mut self.options.columns;
        let row = Row {
            place,
            event: name,
            response_id: id,
            fields,
            payload,
        };
        let keys = self.lines.keys();
        let write_payload = |out: &mut Vec<u8>| write_elided(payload, known, keys, out);
        // A new stream, or a member that may name it, changes more than the event's own values.
        let repeats = change.index > 0 && !fields.has_response && !fields.is_chunk();
        match varying.filter(|_| repeats) {
            Some(varying) => columns.push_repeat(&row, varying, write_payload),
            None => columns.push(&row, write_payload),
        }
        (place, change.began)
    }

    #[inline(always)]
    fn is_delivered(&self, payload: &[u8], known: &[Span], began: bool) -> bool {
        let wanted = self.options.deliver;
        let fields = self.fields.fields();
        wanted.all
            || wanted.state && tells_state(fields, began)
            || wanted.texts && fields.role() == Role::FinalText
            || wanted.images && may_hold_image(fields, payload, known)
    }

    #[cold]
    fn event_name(&mut self, name: &[u8], payload: &[u8]) -> Box<[u8]> {
        let fields = self.fields.fields();
        event_name(self.name.of(name), payload, fields, &mut self.scratch).into()
    }

    #[cold]
    fn deliver(
        &mut self,
        payload: Value,
        spans: Vec<Span>,
        contents: Vec<u32>,
        place: Place,
        event: Box<[u8]>,
    ) {
        self.found_bytes += payload.len();
        let stream = self.streams.current();
        let response_id = stream.and_then(|stream| stream.id.as_deref().map(Box::from));
        self.found.push(Found::Event {
            payload,
            spans,
            contents,
            response_id,
            place,
            event,
        });
    }
}

fn splitter(options: &Options) -> Splitter {
    match options.framing {
        Framing::Sse => Splitter::Sse(Box::new(FrameParser::new(options.max_event_size))),
        Framing::Lines => Splitter::Lines(JsonLines::new(options.max_event_size)),
    }
}

/// The name of an event: that of its `event` line, or else its type.
#[inline(always)]
fn event_name<'a>(
    name: &'a [u8],
    payload: &'a [u8],
    fields: &Fields,
    scratch: &'a mut Vec<u8>,
) -> &'a [u8] {
    if !name.is_empty() {
        return name;
    }
    match &fields.type_ {
        Some(type_) if !type_.range.is_empty() => type_.unescaped(payload, scratch),
        _ => b"message",
    }
}

fn tells_state(fields: &Fields, began: bool) -> bool {
    if fields.has_response || fields.has_error || fields.role() == Role::Error {
        return true;
    }
    if fields.is_chunk() {
        let is_finished = |choice: &Choice| choice.is_finished;
        return began || fields.has_usage || fields.choices.iter().any(is_finished);
    }
    // Without a response object the last event says what one would.
    let has_response = fields.api().is_none_or(|api| api.has_response);
    fields.role() == Role::Ends && !has_response
}

fn may_hold_image(fields: &Fields, payload: &[u8], known: &[Span]) -> bool {
    fields.image_fields != 0
        || (fields.has_item || fields.has_response) && names_image_item(payload, known)
}

/// Whether the payload names the type of an image item outside of the long strings.
fn names_image_item(payload: &[u8], known: &[Span]) -> bool {
    IMAGE_ITEMS.iter().any(|item| {
        let finder = memmem::Finder::new(item);
        let starts = std::iter::once(0).chain(known.iter().map(|span| span.end));
        let ends = known.iter().map(|span| span.start).chain([payload.len()]);
        starts
            .zip(ends)
            .any(|(start, end)| finder.find(&payload[start..end]).is_some())
    })
}

/// Writes the payload's text with a mark in the place of each image.
fn write_elided(payload: &[u8], known: &[Span], keys: &Keys, out: &mut Vec<u8>) {
    let found;
    let spans = if payload.len() < LONG_PAYLOAD && payload.len() >= MIN_ELIDED {
        found = spans::find(payload, keys);
        &found
    } else {
        known
    };
    let mut at = 0;
    for span in spans {
        let text = &payload[span.start..span.end];
        if span.len() < MIN_ELIDED || !are_base64(text) {
            continue;
        }
        out.extend_from_slice(&payload[at..span.start]);
        out.extend_from_slice(format!("<base64 {} characters>", span.len()).as_bytes());
        at = span.end;
    }
    out.extend_from_slice(&payload[at..]);
}

fn are_base64(text: &[u8]) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=');
    // No early exit within a block, so that the compiler makes vector instructions of it.
    let all_are = |block: &[u8]| block.iter().fold(true, |all, &byte| all & is_base64(byte));
    text.chunks(256).all(all_are)
}
