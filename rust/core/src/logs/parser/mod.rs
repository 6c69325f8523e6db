//! `LogParser`: reads the bodies of a log.
//!
//! An event comes in one of four ways, the most frequent first: like the one before it
//! ([`Template`]), whole and in a common shape ([`Whole`]), in any shape ([`Frame`]), or as a line.
//! All of them lead to `LogParser::event`, or to `LogParser::fail`.

mod event;

use std::mem;
use std::ops::Range;

use self::event::{Decoded, Unread};
use crate::frames::{Frame, FrameParser, Rest, TooLarge, Value, Whole};
use crate::limits::LONG_PAYLOAD;
use crate::logs::apis::{BASE64_KEYS, ERROR_FIELD};
use crate::logs::columns::{Columns, Varying};
use crate::logs::counts::{Totals, TypeCount, Types};
use crate::logs::field_reader::FieldReader;
use crate::logs::json_lines::{JsonLine, JsonLines};
use crate::logs::members::Member;
use crate::logs::names::{LastName, is_too_long};
use crate::logs::streams::Streams;
use crate::logs::{FailureKind, Found, Framing, Options};
use crate::spans::{self, Keys, RepeatedSpans};
use crate::template::{Repeat, Template};

/// How far [`LogParser::advance`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A batch is full: it must be taken.
    Full,
    /// Much was read or found, and there is more to do.
    Pause,
    /// The chunk is used up.
    UsedUp,
}

/// Work is done in steps of about this many bytes, or things found, or bytes of their payloads,
/// names and ids.
const STEP_BYTES: usize = 32 << 20;
const STEP_FOUND: usize = 256;
const STEP_FOUND_BYTES: usize = 16 << 20;

enum Splitter {
    Sse(Box<FrameParser>),
    Lines(JsonLines),
}

impl Splitter {
    fn new(options: &Options) -> Splitter {
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
}

/// The body that is read.
#[derive(Default)]
struct Body {
    /// The offset of its first byte.
    offset: u64,
    /// The bytes of it before the current chunk.
    before: u64,
    /// The bytes of its events and failures.
    counted: u64,
    /// The event that grew too large, until its lines end.
    too_large: Option<TooLarge>,
}

impl Body {
    /// The offset of `chunk[pos]`.
    #[inline(always)]
    fn position(&self, pos: usize) -> u64 {
        self.offset + self.before + pos as u64
    }

    /// Offsets that are counted from the body's first byte.
    #[inline(always)]
    fn lines(&self, offset: u64, end: u64) -> Range<u64> {
        self.offset + offset..self.offset + end
    }
}

/// What was found and not yet taken.
#[derive(Default)]
struct Pending {
    found: Vec<Found>,
    /// The bytes of their payloads.
    bytes: usize,
}

impl Pending {
    fn is_much(&self) -> bool {
        self.found.len() >= STEP_FOUND || self.bytes >= STEP_FOUND_BYTES
    }
}

/// Reads the bodies of a log, one after another.
pub struct LogParser {
    options: Options,
    splitter: Splitter,
    lines: RepeatedSpans,
    fields: FieldReader,
    template: Template<Member>,
    /// What varies with the events of the template; `None` if their type does.
    varying: Option<Varying>,
    streams: Streams,
    name: LastName,
    types: Types,
    totals: Totals,
    body: Body,
    pending: Pending,
}

impl LogParser {
    /// A parser for logs of this kind.
    pub fn new(options: Options) -> Self {
        let keys = BASE64_KEYS.iter().map(|key| Box::from(key.as_bytes()));
        let lines = RepeatedSpans::new(Keys::Named(keys.collect()));
        LogParser {
            splitter: Splitter::new(&options),
            options,
            lines,
            fields: FieldReader::default(),
            template: Template::default(),
            varying: None,
            streams: Streams::default(),
            name: LastName::default(),
            types: Types::default(),
            totals: Totals::default(),
            body: Body::default(),
            pending: Pending::default(),
        }
    }

    /// A body begins, whose first byte has this offset, and which is what one request was answered
    /// with if that is known.
    pub fn begin(&mut self, offset: u64, is_one_response: bool) {
        self.splitter = Splitter::new(&self.options);
        self.streams = Streams::default();
        self.streams.keeps_texts = self.options.deliver.keeps_texts();
        self.streams.is_one_response = is_one_response;
        self.leave_chunk();
        self.body = Body {
            offset,
            ..Body::default()
        };
    }

    /// The offset of `chunk[pos]`.
    pub fn position(&self, pos: usize) -> u64 {
        self.body.position(pos)
    }

    /// The rows of the events table that were not taken yet.
    pub fn columns(&mut self) -> &mut Columns {
        &mut self.options.columns
    }

    /// What was found since the last call. Payloads are ranges of the current chunk.
    pub fn take_found(&mut self) -> Vec<Found> {
        mem::take(&mut self.pending).found
    }

    /// The counts of all bodies so far, up to `pos` in the current chunk.
    pub fn totals(&self, pos: usize) -> Totals {
        let read = self.body.before + pos as u64;
        Totals {
            other_bytes: self.totals.other_bytes + read.saturating_sub(self.body.counted),
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
            if *pos >= stop || self.pending.is_much() {
                return Step::Pause;
            }
            if !self.step(chunk, pos) {
                self.body.before += chunk.len() as u64;
                self.leave_chunk();
                return Step::UsedUp;
            }
        }
    }

    fn leave_chunk(&mut self) {
        self.fields.forget();
        self.template.clear();
        self.lines.leave_chunk();
    }

    /// Ends the body.
    pub fn finish(&mut self) {
        match &mut self.splitter {
            Splitter::Lines(lines) => {
                if let Some(line) = lines.finish() {
                    self.line(&[], line, 0);
                }
            }
            Splitter::Sse(frames) => {
                let (rest, dropped_end) = (frames.finish(), frames.take_dropped_end());
                match rest {
                    Rest::Nothing => {}
                    Rest::Frame(frame) => self.frame(&[], frame, false),
                    Rest::Cut(frame) => self.cut(frame),
                    Rest::TooLarge(too_large) => self.body.too_large = Some(too_large),
                }
                self.end_too_large(dropped_end);
            }
        }
        let ended = self.streams.finish();
        self.pending.found.extend(ended.map(Found::Stream));
        self.totals.other_bytes += self.body.before - self.body.counted;
        self.body.counted = self.body.before;
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
                    Some(Err(too_large)) => self.body.too_large = Some(too_large),
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
        let repeat = self.fields.read_repeat(&self.template, chunk, start)?;
        let limit = self.options.max_event_size.unwrap_or(usize::MAX);
        if repeat.next - start > limit {
            return None;
        }
        if let Splitter::Lines(lines) = &mut self.splitter {
            lines.skip_to(repeat.next);
        }
        Some(repeat)
    }

    /// An event that is like the one before it.
    #[inline(always)]
    fn repeat(&mut self, chunk: &[u8], start: usize, repeat: Repeat) {
        let payload = &chunk[repeat.payload.clone()];
        let mut spans = Vec::new();
        if payload.len() >= LONG_PAYLOAD {
            spans = spans::find(payload, self.lines.keys());
        }
        self.event(Decoded {
            chunk,
            data: Value::InChunk(repeat.payload),
            lines: self.body.position(start)..self.body.position(repeat.lines_end),
            // The name is the last one, or else empty.
            name: b"",
            spans,
            varying: self.varying,
        });
    }

    /// The event that nearly every other one is: whole, in its chunk, and short.
    #[inline(always)]
    fn whole(&mut self, chunk: &[u8], whole: Whole, event: Range<usize>) {
        let is_short = event.len() < LONG_PAYLOAD;
        if is_short
            && chunk.get(whole.data.start) == Some(&b'{')
            && self.fields.read_next(chunk, whole.data.clone()).is_ok()
        {
            let name = &chunk[whole.event.clone()];
            self.fields.take_name(name);
            let lines = self.body.lines(whole.offset, whole.end);
            let lines_end = (lines.end - self.body.position(0)) as usize;
            self.name.is_repeated &= whole.repeats_name;
            self.event(Decoded {
                chunk,
                data: Value::InChunk(whole.data.clone()),
                lines,
                name,
                spans: Vec::new(),
                varying: None,
            });
            self.name.is_repeated = !name.is_empty();
            self.set_template(
                chunk,
                event.start,
                Repeat {
                    payload: whole.data,
                    lines_end,
                    next: event.end,
                },
            );
            return;
        }
        self.frame(chunk, whole.into(), true);
    }

    /// An event of any shape.
    #[inline(never)]
    fn frame(&mut self, chunk: &[u8], frame: Frame, is_whole: bool) {
        self.name.is_repeated = false;
        let lines = self.body.lines(frame.offset, frame.end);
        let name = frame.event.bytes(chunk);
        if is_too_long(name) {
            self.fail(None, lines, b"", FailureKind::TooLarge);
            return;
        }
        self.read(Unread {
            chunk,
            data: frame.data,
            clean: frame.clean,
            lines,
            name,
            is_whole,
        });
    }

    /// A line; `next` is the index of the one after it.
    fn line(&mut self, chunk: &[u8], line: JsonLine, next: usize) {
        self.name.is_repeated = false;
        let lines = self.body.lines(line.offset, line.end);
        let Some(data) = line.payload else {
            self.fail(None, lines, b"", FailureKind::TooLarge);
            return;
        };
        let in_chunk = match &data {
            Value::InChunk(range) => Some(range.clone()),
            Value::Owned(_) => None,
        };
        let is_event = self.read(Unread {
            chunk,
            data,
            clean: 0..0,
            lines,
            name: b"",
            is_whole: line.is_whole,
        });
        if let Some(payload) = in_chunk.filter(|_| is_event) {
            self.set_template(
                chunk,
                payload.start,
                Repeat {
                    payload,
                    lines_end: next,
                    next,
                },
            );
        }
    }

    /// Compares the next event with the one that was just read, which begins at `start`.
    #[inline(always)]
    fn set_template(&mut self, chunk: &[u8], start: usize, event: Repeat) {
        match self.fields.values() {
            Some(values) => self.template.set(chunk, start, &event, values),
            None => self.template.clear(),
        }
        let varies_type = self
            .template
            .members()
            .any(|member| matches!(member, Member::Type(_)));
        self.varying = (!varies_type).then(|| Varying::of(self.template.members()));
    }
}
