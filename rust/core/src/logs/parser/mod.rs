//! `LogParser`: reads the bodies of a log.
//!
//! `body` divides a body, `next` finds its next event, `event` keeps what is needed of it.

mod body;
mod event;
mod next;

use std::mem;

use self::body::{Body, Splitter};
use crate::frames::Rest;
use crate::logs::apis::BASE64_KEYS;
use crate::logs::columns::{Columns, Varying};
use crate::logs::counts::{Totals, TypeCount, Types};
use crate::logs::field_reader::FieldReader;
use crate::logs::members::Member;
use crate::logs::names::LastName;
use crate::logs::streams::Streams;
use crate::logs::{Options, Output};
use crate::spans::{Keys, RepeatedSpans};
use crate::template::Template;

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
const STEP_OUTPUTS: usize = 256;
const STEP_OUTPUT_BYTES: usize = 16 << 20;

/// What was found and not yet taken.
#[derive(Default)]
struct Pending {
    outputs: Vec<Output>,
    /// The bytes of their payloads.
    bytes: usize,
}

impl Pending {
    fn is_much(&self) -> bool {
        self.outputs.len() >= STEP_OUTPUTS || self.bytes >= STEP_OUTPUT_BYTES
    }
}

/// The last event, with which the next one is compared.
#[derive(Default)]
struct LastEvent {
    template: Template<Member>,
    /// What varies with the events of the template; `None` if their type does.
    varying: Option<Varying>,
    /// Whether an event like it adds to a text, and does no more: see `LogParser::text`.
    adds_text: bool,
    was_delivered: bool,
}

/// Reads the bodies of a log, one after another.
pub struct LogParser {
    options: Options,
    splitter: Splitter,
    lines: RepeatedSpans,
    fields: FieldReader,
    last: LastEvent,
    streams: Streams,
    name: LastName,
    types: Types,
    totals: Totals,
    body: Body,
    pending: Pending,
    refers_to_last_chunk: bool,
}

impl LogParser {
    /// A parser for logs of this kind.
    pub fn new(options: Options) -> Self {
        let keys = BASE64_KEYS.iter().map(|key| Box::from(key.as_bytes()));
        let lines = RepeatedSpans::new(Keys::named(keys), options.deliver.comparison());
        LogParser {
            splitter: Splitter::new(&options),
            options,
            lines,
            fields: FieldReader::default(),
            last: LastEvent::default(),
            streams: Streams::default(),
            name: LastName::default(),
            types: Types::default(),
            totals: Totals::default(),
            body: Body::default(),
            pending: Pending::default(),
            refers_to_last_chunk: false,
        }
    }

    /// A body begins, whose first byte has this offset, and which is what one request was answered
    /// with, if known.
    pub fn begin(&mut self, offset: u64, is_one_response: bool) {
        self.totals.unknown_lines += self.splitter.unknown_lines();
        self.splitter = Splitter::new(&self.options);
        self.streams = Streams::default();
        self.streams.keeps_texts = self.options.deliver.keeps_texts();
        self.streams.is_one_response = is_one_response;
        self.leave_chunk();
        self.lines.forget_last();
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

    /// The outputs since the last call. Payloads are ranges of the current chunk.
    pub fn take_outputs(&mut self) -> Vec<Output> {
        mem::take(&mut self.pending).outputs
    }

    /// The counts of all bodies so far, up to `pos` in the current chunk.
    pub fn totals(&self, pos: usize) -> Totals {
        let read = self.body.before + pos as u64;
        Totals {
            other_bytes: self.totals.other_bytes + read.saturating_sub(self.body.counted),
            unknown_lines: self.totals.unknown_lines + self.splitter.unknown_lines(),
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
        self.advance_after(&[], chunk, pos)
    }

    /// The same, where `earlier` is the last chunk that [`LogParser::refers_to_last_chunk`] was said
    /// of, if it is kept: a base64 field like the last one there has its number in
    /// [`Output::Event::contents`].
    pub fn advance_after(&mut self, earlier: &[u8], chunk: &[u8], pos: &mut usize) -> Step {
        let stop = pos.saturating_add(STEP_BYTES);
        loop {
            if self.is_full() {
                return Step::Full;
            }
            if *pos >= stop || self.pending.is_much() {
                return Step::Pause;
            }
            if !self.step(earlier, chunk, pos, stop) {
                self.body.before += chunk.len() as u64;
                self.leave_chunk();
                return Step::UsedUp;
            }
        }
    }

    fn leave_chunk(&mut self) {
        self.fields.forget();
        self.last.template.clear();
        self.refers_to_last_chunk = self.lines.leave_chunk();
    }

    /// Whether the chunk that was just used up holds the last long base64 field.
    pub fn refers_to_last_chunk(&self) -> bool {
        self.refers_to_last_chunk
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
        self.pending.outputs.extend(ended.map(Output::Stream));
        self.totals.other_bytes += self.body.before - self.body.counted;
        self.body.counted = self.body.before;
    }
}
