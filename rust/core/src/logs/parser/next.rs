//! The next event of a body.
//!
//! It comes in one of four ways, the most frequent first: like the one before it ([`Template`]),
//! whole and in a common shape ([`Whole`]), in any shape ([`Frame`]), or as a line. All of them lead
//! to `LogParser::event`, to `LogParser::text` if no more than a text is added to, or to
//! `LogParser::fail`.
//!
//! [`Template`]: crate::template::Template

use std::ops::Range;

use super::LogParser;
use super::body::Splitter;
use super::event::{Decoded, Unread};
use crate::frames::{Frame, Value, Whole};
use crate::limits::LONG_PAYLOAD;
use crate::logs::FailureKind;
use crate::logs::columns::Varying;
use crate::logs::json_lines::JsonLine;
use crate::logs::members::Member;
use crate::logs::names::is_too_long;
use crate::spans;
use crate::template::Repeat;

impl LogParser {
    /// Takes in the next event, and texts like it that begin before `stop`; or returns false.
    #[inline(always)]
    pub(super) fn step(
        &mut self,
        earlier: &[u8],
        chunk: &[u8],
        pos: &mut usize,
        stop: usize,
    ) -> bool {
        let start = *pos;
        if let Some(repeat) = self.next_repeat(chunk, start) {
            *pos = repeat.next;
            if self.repeat(chunk, start, repeat) {
                self.texts(chunk, pos, stop);
            }
            return true;
        }
        self.last.template.clear();
        let mut spans = self.lines.after(earlier);
        match &mut self.splitter {
            Splitter::Sse(frames) => {
                if let Some(whole) = frames.next_whole(chunk, pos, &mut spans) {
                    let next = *pos;
                    self.whole(chunk, whole, start..next);
                    return true;
                }
                let next = frames.next_of_any_shape(chunk, pos, &mut spans);
                let dropped_end = frames.take_dropped_end();
                self.end_too_large(dropped_end);
                match next {
                    None => return false,
                    Some(Ok(frame)) => self.frame(chunk, frame, true),
                    Some(Err(too_large)) => self.body.too_large = Some(too_large),
                }
                true
            }
            Splitter::Lines(lines) => match lines.next(chunk, pos, &mut spans) {
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
        if !can_begin || !self.last.template.is_set() {
            return None;
        }
        let repeat = self.fields.read_repeat(&self.last.template, chunk, start)?;
        let limit = self.options.max_event_size.unwrap_or(usize::MAX);
        if repeat.next - start > limit {
            return None;
        }
        if let Splitter::Lines(lines) = &mut self.splitter {
            lines.skip_to(repeat.next);
        }
        Some(repeat)
    }

    /// The events that only add to a text, like the one before them.
    ///
    /// What `step` asks of each event has the same answers for all of these: they lie one after
    /// another, no values differ but the numbers, the item's id and the delta, and none is to be
    /// delivered.
    #[inline(never)]
    fn texts(&mut self, chunk: &[u8], pos: &mut usize, stop: usize) {
        let limit = self.options.max_event_size.unwrap_or(usize::MAX);
        let limit = limit.min(LONG_PAYLOAD);
        let (mut events, mut bytes) = (0, 0);
        while !self.is_full() && *pos < stop {
            let start = *pos;
            let Some(repeat) = self.fields.read_text(&self.last.template, chunk, start) else {
                self.last.template.clear();
                break;
            };
            if repeat.next - start > limit || !self.fields.fields().has_text_only() {
                break;
            }
            *pos = repeat.next;
            let lines = self.body.position(start)..self.body.position(repeat.lines_end);
            (events, bytes) = (events + 1, bytes + lines.end - lines.start);
            self.text(&chunk[repeat.payload], lines);
        }
        self.count_texts(events, bytes);
        if let Splitter::Lines(lines) = &mut self.splitter {
            lines.skip_to(*pos);
        }
    }

    /// Takes in an event like the one before it; returns whether it only adds to a text.
    #[inline(always)]
    fn repeat(&mut self, chunk: &[u8], start: usize, repeat: Repeat) -> bool {
        let payload = &chunk[repeat.payload.clone()];
        let lines = self.body.position(start)..self.body.position(repeat.lines_end);
        let mut spans = Vec::new();
        if payload.len() >= LONG_PAYLOAD {
            spans = spans::find(payload, self.lines.keys());
        } else if self.last.adds_text && self.fields.fields().has_text_only() {
            let bytes = lines.end - lines.start;
            self.text(payload, lines);
            self.count_texts(1, bytes);
            return true;
        }
        self.event(Decoded {
            chunk,
            data: &mut Value::InChunk(repeat.payload),
            lines,
            // The name is the last one, or else empty.
            name: b"",
            spans: &spans,
            varying: self.last.varying,
        });
        false
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
                data: &mut Value::InChunk(whole.data.clone()),
                lines,
                name,
                spans: &[],
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
    pub(super) fn frame(&mut self, chunk: &[u8], frame: Frame, is_whole: bool) {
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
    pub(super) fn line(&mut self, chunk: &[u8], line: JsonLine, next: usize) {
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
            Some(values) => self.last.template.set(chunk, start, &event, values),
            None => self.last.template.clear(),
        }
        let varies_type = self
            .last
            .template
            .members()
            .any(|member| matches!(member, Member::Type(_)));
        let varying = (!varies_type).then(|| Varying::of(self.last.template.members()));
        self.last.varying = varying;
        self.last.adds_text = self.name.is_repeated
            && !self.last.was_delivered
            && !self.options.deliver.items
            && varying.is_some_and(Varying::is_only_place_and_delta)
            && self.fields.fields().only_adds_text();
    }
}
