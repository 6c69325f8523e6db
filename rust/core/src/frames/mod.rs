//! Frames: the field grammar of an event stream (WHATWG HTML, section 9.2.6), incrementally.
//!
//! [`FrameParser::next`] takes one chunk until it is used up, and gives the events that end in
//! it. A value that lies whole in the chunk is a range of it; only what straddles chunks, and
//! data of several lines, is copied. What a chunk leaves unfinished is moved into the parser, so
//! that each byte is read once whatever the cuts, and memory is one unfinished event.
//!
//! The parser consists of the event under construction (`block`), the line that a chunk cut
//! (`cut_line`, and `across` takes it up) and the short cut for the shape that nearly all events have
//! (`common`).

mod across;
mod block;
mod common;
mod cut_line;
mod value;

use std::mem;
use std::ops::Range;

use self::across::Keeping;
use self::block::{Block, Field};
use self::common::CommonShape;
use self::cut_line::CutLine;
pub use self::value::{Frame, Kept, Rest, TooLarge, Value, Whole, event_name, is_done};
use crate::ahead::prefetch_event;
use crate::lines::{self, DataLines, LineStart};

/// An incremental parser of one event stream.
#[derive(Clone, Debug)]
pub struct FrameParser {
    /// The most bytes that an event's values may hold.
    max_event_size: usize,
    /// Whether an event needs no data: see [`FrameParser::dispatch_dataless`].
    dataless: bool,
    line_start: LineStart,
    cut_line: CutLine,
    block: Block,
    common: CommonShape,
    skipping: Skipping,
    keeping: Keeping,
    last_event_id: Vec<u8>,
    retry: Option<u64>,
    /// The stream's byte offset of the current chunk.
    chunk_offset: u64,
    /// See [`FrameParser::unknown_lines`].
    unknown_lines: u64,
}

/// The lines of an event that was too large, which are passed over.
#[derive(Clone, Debug, Default)]
struct Skipping {
    is_on: bool,
    /// Where the lines of the last such event end.
    end: Option<u64>,
}

impl Skipping {
    #[inline(always)]
    fn stop(&mut self, end: u64) {
        if self.is_on {
            self.is_on = false;
            self.end = Some(end);
        }
    }
}

impl FrameParser {
    /// A parser at the start of a stream; no `max_event_size` means no limit.
    pub fn new(max_event_size: Option<usize>) -> Self {
        FrameParser {
            max_event_size: max_event_size.unwrap_or(usize::MAX),
            dataless: false,
            line_start: LineStart::default(),
            cut_line: CutLine::default(),
            block: Block::EMPTY,
            common: CommonShape::default(),
            skipping: Skipping::default(),
            keeping: Keeping::default(),
            last_event_id: Vec::new(),
            retry: None,
            chunk_offset: 0,
            unknown_lines: 0,
        }
    }

    /// Goes beyond the specification from here on: an event without data, which it drops, is
    /// dispatched with empty data if a line of its own gave it a name, an id or a `retry`.
    pub fn dispatch_dataless(&mut self) {
        self.dataless = true;
    }

    /// Goes beyond the specification from here on: a field of this name is data, too, and names the
    /// event unless `event` does.
    pub fn take_as_data(&mut self, field: &'static [u8]) {
        self.cut_line.also_data = Some(field);
    }

    /// From here on, data is not copied out of a chunk that holds nothing else and is clean (see
    /// [`crate::clean`]), which is what most chunks of an image are. The caller asks for
    /// [`FrameParser::take_kept`] of each chunk that is used up, keeps that part for the next
    /// frame, and finds in [`Frame::kept`] where it belongs.
    pub fn keep_clean_chunks(&mut self) {
        self.keeping.is_on = true;
    }

    /// The part of the chunk just used up that belongs to the unfinished event's data.
    pub fn take_kept(&mut self) -> Option<Range<usize>> {
        self.keeping.part.take()
    }

    /// The most bytes that an event's values may hold.
    #[inline(always)]
    pub fn max_event_size(&self) -> usize {
        self.max_event_size
    }

    /// The last event id, as of the last blank line.
    pub fn last_event_id(&self) -> &[u8] {
        &self.last_event_id
    }

    /// The value of the last valid `retry` line, in milliseconds.
    pub fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// The lines so far that are no comment and no field of the specification, but for those of
    /// events that were too large.
    pub fn unknown_lines(&self) -> u64 {
        self.unknown_lines
    }

    /// The bytes held for an unfinished event.
    pub fn pending(&self) -> usize {
        self.cut_line.pending() + self.block.size()
    }

    /// Where the lines of an event that was [`TooLarge`] end, once they have.
    pub fn take_dropped_end(&mut self) -> Option<u64> {
        self.skipping.end.take()
    }

    /// The next event that ends in `chunk[*pos..]`, or that grows past the limit there; `None`
    /// when the chunk is used up. Ranges count from the start of `chunk`, which must be the same
    /// until then.
    #[inline]
    pub fn next<L: DataLines>(
        &mut self,
        chunk: &[u8],
        pos: &mut usize,
        data_lines: &mut L,
    ) -> Option<Result<Frame, TooLarge>> {
        match self.next_whole(chunk, pos, data_lines) {
            Some(whole) => Some(Ok(whole.into())),
            None => self.next_of_any_shape(chunk, pos, data_lines),
        }
    }

    /// Whether the next byte is the first of a line, and no event has begun.
    #[inline(always)]
    pub fn is_between_events(&self) -> bool {
        !(self.line_start.is_due()
            || self.cut_line.is_open()
            || self.block.offset().is_some()
            || self.skipping.is_on)
    }

    /// The event at `pos` if it has the common shape, an `event` and a `data` line or a `data` line
    /// alone, and lies whole in the chunk. Otherwise `None`, and nothing has changed:
    /// [`FrameParser::next_of_any_shape`] must be asked.
    #[inline(always)]
    pub fn next_whole<L: DataLines>(
        &mut self,
        chunk: &[u8],
        pos: &mut usize,
        data_lines: &mut L,
    ) -> Option<Whole> {
        if !self.is_between_events() {
            return None;
        }
        let start = *pos;
        prefetch_event(chunk, start);
        let limit = self.max_event_size;
        let common = self.common.read(chunk, start, limit, data_lines)?;
        *pos = common.next;
        Some(Whole {
            offset: self.chunk_offset + start as u64,
            event: common.event,
            data: common.data,
            end: self.chunk_offset + common.blank as u64,
            repeats_name: common.repeats_name,
        })
    }

    /// [`FrameParser::next`] without its short cut.
    pub fn next_of_any_shape<L: DataLines>(
        &mut self,
        chunk: &[u8],
        pos: &mut usize,
        data_lines: &mut L,
    ) -> Option<Result<Frame, TooLarge>> {
        if (self.line_start.is_due() || self.cut_line.is_open())
            && let Some(too_large) = self.resume(chunk, pos)
        {
            return Some(Err(too_large));
        }
        loop {
            let Some(&first) = chunk.get(*pos) else {
                self.leave_chunk(chunk);
                return None;
            };
            if first == b'\n' || first == b'\r' {
                let end = self.chunk_offset + *pos as u64;
                self.end_line(chunk, pos);
                if let Some(frame) = self.dispatch(end) {
                    return Some(Ok(frame));
                }
                continue;
            }
            let start = *pos;
            let end = match chunk[start..].starts_with(b"data:") {
                true => self.common.line_end(chunk, start + 5, data_lines),
                false => lines::line_end(chunk, start),
            };
            let is_too_large = match end {
                Some(end) => {
                    let is_ignored = first == b':' || self.skipping.is_on;
                    let is_too_large = !is_ignored && self.field_line(chunk, start..end);
                    *pos = end;
                    self.end_line(chunk, pos);
                    is_too_large
                }
                None => {
                    self.begin_cut_line(chunk, start);
                    *pos = chunk.len();
                    let is_too_large = self.is_too_large();
                    if is_too_large {
                        self.cut_line.ignore();
                    }
                    is_too_large
                }
            };
            if is_too_large {
                return Some(Err(self.drop_event()));
            }
        }
    }

    /// Ends the stream, and drops what is unfinished.
    pub fn discard(&mut self) {
        self.cut_line.discard();
        self.block = Block::EMPTY;
        self.skipping.is_on = false;
    }

    /// Ends the stream. What is unfinished counts as ended.
    pub fn finish(&mut self) -> Rest {
        let end = self.chunk_offset;
        let within_bom = self.line_start.within_bom();
        let cuts_line = self.cut_line.is_meaningful() || within_bom;
        self.unknown_lines += u64::from(within_bom);
        self.finish_cut_line();
        if self.skipping.is_on {
            self.skipping.stop(end);
            self.discard();
            return Rest::Nothing;
        }
        if self.is_too_large() {
            let too_large = self.drop_event();
            self.skipping.stop(end);
            self.discard();
            return Rest::TooLarge(too_large);
        }
        let is_cut = self.block.has_event() || cuts_line;
        let without_data = self.block.without_data();
        match self.dispatch(end) {
            Some(frame) => Rest::Frame(frame),
            None if !is_cut => Rest::Nothing,
            None => Rest::Cut(without_data.into_any_frame(end)),
        }
    }

    #[inline(always)]
    fn is_too_large(&self) -> bool {
        self.block.size() > self.max_event_size
    }

    /// Moves past the CR, LF or CRLF at `pos`.
    #[inline(always)]
    fn end_line(&mut self, chunk: &[u8], pos: &mut usize) {
        let byte = chunk[*pos];
        *pos += 1;
        if byte == b'\r' {
            match chunk.get(*pos) {
                Some(b'\n') => *pos += 1,
                Some(_) => {}
                None => self.line_start.set_after_cr(),
            }
        }
    }

    /// Takes in a whole line that is neither blank nor a comment, and returns whether the event is
    /// too large while the line lasts.
    #[inline(always)]
    fn field_line(&mut self, chunk: &[u8], line: Range<usize>) -> bool {
        self.block.open(self.chunk_offset + line.start as u64);
        let bytes = &chunk[line.clone()];
        let Some((field, value)) = Field::of_line(bytes).or_else(|| self.other_data(bytes)) else {
            self.unknown_lines += 1;
            return self.is_too_large();
        };
        let value = line.start + value..line.end;
        self.block.set(field, chunk, value.clone());
        let is_too_large = self.is_too_large();
        match field {
            Field::Data | Field::Event => {}
            Field::Id => self.block.set_id(&chunk[value]),
            Field::Retry => self.retry = self.block.retry().or(self.retry),
        }
        is_too_large
    }

    /// The value of a line that is taken as data: see [`FrameParser::take_as_data`].
    #[cold]
    fn other_data(&mut self, line: &[u8]) -> Option<(Field, usize)> {
        let name = self.cut_line.also_data?;
        let (mark, line) = match line.strip_prefix(&lines::BOM) {
            Some(line) => (lines::BOM.len(), line),
            None => (0, line),
        };
        if let Some((field, value)) = Field::of_line(line) {
            return Some((field, mark + value));
        }
        let rest = line.strip_prefix(name)?;
        let opens = match rest {
            [] => 0,
            [b':', b' ', ..] => 2,
            [b':', ..] => 1,
            _ => return None,
        };
        self.block.name_by(name);
        Some((Field::Data, mark + name.len() + opens))
    }

    #[inline(always)]
    fn dispatch(&mut self, end: u64) -> Option<Frame> {
        self.skipping.stop(end);
        let mut block = mem::replace(&mut self.block, Block::EMPTY);
        let id = block.take_id();
        let frame = block.into_frame(end, id.as_deref(), self.dataless);
        if let Some(id) = id {
            self.last_event_id = id;
        }
        frame
    }

    /// Gives up the event that has just grown past the limit.
    #[cold]
    fn drop_event(&mut self) -> TooLarge {
        let offset = self.block.offset().unwrap_or(self.chunk_offset);
        self.block = Block::EMPTY;
        self.keeping.part = None;
        self.skipping.is_on = true;
        TooLarge { offset }
    }
}

/// The index past the line end at `at`; `None` if there is none, or its LF may be yet to come.
#[inline(always)]
fn after_line_end(chunk: &[u8], at: usize) -> Option<usize> {
    match chunk.get(at)? {
        b'\n' => Some(at + 1),
        b'\r' => match chunk.get(at + 1)? {
            b'\n' => Some(at + 2),
            _ => Some(at + 1),
        },
        _ => None,
    }
}
