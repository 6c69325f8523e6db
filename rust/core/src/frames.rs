//! Frames: the field grammar of an event stream (WHATWG HTML, section 9.2.6), incrementally.
//!
//! [`FrameParser::next`] takes one chunk until it is used up, and gives the events that end in
//! it. A value that lies whole in the chunk is a range of it; only what straddles chunks, and
//! data of several lines, is copied. What a chunk leaves unfinished is moved into the parser, so
//! that each byte is looked at once whatever the cuts, and memory is one unfinished event.

use std::mem;
use std::ops::Range;

use crate::clean::clean_len;
use crate::lines::{self, Bom, DataLines, LineStart};

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// It lies in the chunk that the event ended in.
    InChunk(Range<usize>),
    /// It had to be put together.
    Owned(Vec<u8>),
}

impl Value {
    const EMPTY: Value = Value::InChunk(0..0);

    /// The bytes of the value; `chunk` is the one that the event ended in.
    #[inline]
    pub fn bytes<'a>(&'a self, chunk: &'a [u8]) -> &'a [u8] {
        match self {
            Value::InChunk(range) => &chunk[range.clone()],
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
    fn make_owned(&mut self, chunk: &[u8]) -> &mut Vec<u8> {
        if let Value::InChunk(range) = self {
            *self = Value::Owned(chunk[range.clone()].to_vec());
        }
        match self {
            Value::Owned(bytes) => bytes,
            Value::InChunk(_) => unreachable!("the value has just been made owned"),
        }
    }
}

/// Bytes of data that were left in their chunk: see [`FrameParser::leave_clean_chunks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Where they belong, as an index into the data without them.
    pub at: usize,
    /// How many they are.
    pub len: usize,
}

/// One dispatched event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The stream's byte offset of the event's first line that is no comment.
    pub offset: u64,
    /// How many events came before this one.
    pub index: u64,
    /// The value of the last `event` line; empty means `message`.
    pub event: Value,
    /// The values of the `data` lines, joined with LF.
    pub data: Value,
    /// The value of the last valid `retry` line of this event.
    pub retry: Option<u64>,
    /// True if a valid `id` line of this event set the last event id.
    pub sets_id: bool,
    /// A part of data that had to be put together in which every byte is clean: see
    /// [`crate::clean`]. The search for the end of its line found that out on the way.
    pub clean: Range<usize>,
    /// What of `data` was left in the chunks before this one, in its order.
    pub left: Vec<Left>,
    /// The stream's byte offset past the event's lines: that of the blank line, if there is one.
    pub end: u64,
}

/// An event that lies whole in its chunk, has one `data` line and neither `id` nor `retry`:
/// the ranges are of the chunk.
#[derive(Clone, Debug)]
pub struct Whole {
    /// As [`Frame::offset`].
    pub offset: u64,
    /// As [`Frame::index`].
    pub index: u64,
    /// As [`Frame::event`].
    pub event: Range<usize>,
    /// As [`Frame::data`].
    pub data: Range<usize>,
    /// As [`Frame::end`].
    pub end: u64,
    /// True if the event before it, also found as such in this chunk, is known to have had the
    /// same name.
    pub repeats_name: bool,
}

impl From<Whole> for Frame {
    fn from(whole: Whole) -> Frame {
        Frame {
            offset: whole.offset,
            index: whole.index,
            event: Value::InChunk(whole.event),
            data: Value::InChunk(whole.data),
            retry: None,
            sets_id: false,
            clean: 0..0,
            left: Vec::new(),
            end: whole.end,
        }
    }
}

/// An event that grew past the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The stream's byte offset of the event's first line that is no comment.
    pub offset: u64,
    /// How many events came before this one.
    pub index: u64,
}

/// What the end of the stream leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing, or nothing that belongs to an event.
    Nothing,
    /// An event whose blank line is missing.
    Frame(Frame),
    /// An event that was cut before its data: only its offset and its name are known.
    Cut(Frame),
    /// An event that its last line, which nothing ends, makes too large.
    TooLarge(TooLarge),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
}

impl Field {
    /// No known name is longer: an unfinished one need not be kept past this length.
    const LONGEST_NAME: usize = 5;

    fn of(name: &[u8]) -> Option<Field> {
        match name {
            b"data" => Some(Field::Data),
            b"event" => Some(Field::Event),
            b"id" => Some(Field::Id),
            b"retry" => Some(Field::Retry),
            _ => None,
        }
    }
}

/// A line that the chunk did not end.
#[derive(Clone, Debug)]
enum Line {
    /// A part of its field name, without the colon.
    Name(Vec<u8>),
    /// A value, which grows in the block or in `unfinished`; a space that opens it is dropped.
    Value { field: Field, opens: bool },
    /// A field that is not known, or a line of an event that is dropped: not kept.
    Ignored,
    /// Not kept either.
    Comment,
}

/// The event under construction: the lines since the last blank one.
#[derive(Clone, Debug)]
struct Block {
    /// Set by the first line that is no comment.
    offset: Option<u64>,
    event: Value,
    has_event: bool,
    data: Value,
    has_data: bool,
    clean: Range<usize>,
    left: Vec<Left>,
    left_len: usize,
    id: Option<Vec<u8>>,
    /// The length of the `id`, or of the value that is about to replace it.
    id_len: usize,
    retry: Option<u64>,
}

impl Block {
    const EMPTY: Block = Block {
        offset: None,
        event: Value::EMPTY,
        has_event: false,
        data: Value::EMPTY,
        has_data: false,
        clean: 0..0,
        left: Vec::new(),
        left_len: 0,
        id: None,
        id_len: 0,
        retry: None,
    };

    fn size(&self) -> usize {
        self.data.len() + self.left_len + self.event.len() + self.id_len
    }
}

/// An incremental parser of one event stream.
#[derive(Clone, Debug)]
pub struct FrameParser {
    /// The most bytes that an event's values may hold.
    max_event_size: usize,
    /// Whether an event needs no data: see [`FrameParser::dispatch_dataless`].
    dataless: bool,
    /// Whether chunks may keep data, and what the current one keeps: see
    /// [`FrameParser::leave_clean_chunks`].
    leaves: bool,
    left: Option<Range<usize>>,
    line_start: LineStart,
    line: Option<Line>,
    /// The value so far of an unfinished `id` or `retry` line, which counts only when it ends.
    unfinished: Vec<u8>,
    block: Block,
    /// Set while the lines of an event that was too large are passed over.
    dropping: bool,
    /// Where the lines of the last such event end.
    dropped_end: Option<u64>,
    last_event_id: Vec<u8>,
    retry: Option<u64>,
    /// The stream's byte offset of the current chunk.
    chunk_offset: u64,
    index: u64,
    /// Where the chunk holds the last event's bytes before its data, because most events begin
    /// as the one before them; and the length of the `event` line, which comes first.
    last_opening: Range<usize>,
    last_event_len: usize,
    /// A data line's value and end that were found in vain, so as not to look for them again.
    searched: Option<(usize, Option<usize>)>,
}

impl FrameParser {
    /// A parser at the start of a stream; no `max_event_size` means no limit.
    pub fn new(max_event_size: Option<usize>) -> Self {
        FrameParser {
            max_event_size: max_event_size.unwrap_or(usize::MAX),
            dataless: false,
            leaves: false,
            left: None,
            line_start: LineStart::default(),
            line: None,
            unfinished: Vec::new(),
            block: Block::EMPTY,
            dropping: false,
            dropped_end: None,
            last_event_id: Vec::new(),
            retry: None,
            chunk_offset: 0,
            index: 0,
            last_opening: 0..0,
            last_event_len: 0,
            searched: None,
        }
    }

    /// Goes beyond the specification from here on: an event without data, which it drops, is
    /// dispatched with empty data if a line of its own gave it a name, an id or a `retry`.
    pub fn dispatch_dataless(&mut self) {
        self.dataless = true;
    }

    /// From here on, data is not copied out of a chunk that holds nothing else and is clean (see
    /// [`crate::clean`]), which is what most chunks of an image are. The caller asks for
    /// [`FrameParser::take_left`] of each chunk that is used up, keeps what it is told for the
    /// next frame, and finds in [`Frame::left`] where it belongs.
    pub fn leave_clean_chunks(&mut self) {
        self.leaves = true;
    }

    /// The part of the chunk just used up that the unfinished event's data refers to.
    pub fn take_left(&mut self) -> Option<Range<usize>> {
        self.left.take()
    }

    /// The last event id, as of the last blank line.
    pub fn last_event_id(&self) -> &[u8] {
        &self.last_event_id
    }

    /// The value of the last valid `retry` line, in milliseconds.
    pub fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// The bytes held for an unfinished event.
    pub fn pending(&self) -> usize {
        let name = match &self.line {
            Some(Line::Name(name)) => name.len(),
            _ => 0,
        };
        name + self.block.size()
    }

    /// Where the lines of an event that was [`TooLarge`] end, once they have.
    pub fn take_dropped_end(&mut self) -> Option<u64> {
        self.dropped_end.take()
    }

    /// Takes back the count of the last event, which the caller found to be none.
    pub fn uncount(&mut self) {
        self.index -= 1;
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

    /// [`FrameParser::next`] without its short cut.
    pub fn next_of_any_shape<L: DataLines>(
        &mut self,
        chunk: &[u8],
        pos: &mut usize,
        data_lines: &mut L,
    ) -> Option<Result<Frame, TooLarge>> {
        if (self.line_start.is_due() || self.line.is_some())
            && let Some(too_large) = self.resume(chunk, pos)
        {
            return Some(Err(too_large));
        }
        loop {
            let Some(&first) = chunk.get(*pos) else {
                self.leave(chunk);
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
            let end = match data_value(chunk, start) {
                Some(value) => match self.searched {
                    Some((searched, end)) if searched == value => end,
                    _ => data_lines.line_end(chunk, value),
                },
                None => lines::line_end(chunk, start),
            };
            let size = match end {
                Some(end) if first == b':' || self.dropping => {
                    *pos = end;
                    self.end_line(chunk, pos);
                    continue;
                }
                Some(end) => {
                    let size = self.field_line(chunk, start..end);
                    *pos = end;
                    self.end_line(chunk, pos);
                    size
                }
                None => {
                    self.open_line(chunk, start);
                    *pos = chunk.len();
                    self.block.size()
                }
            };
            if size > self.max_event_size {
                if end.is_none() {
                    self.drop_line();
                }
                return Some(Err(self.drop_event()));
            }
        }
    }

    /// Whether the next byte is the first of a line, and no event has begun.
    #[inline(always)]
    pub fn is_between_events(&self) -> bool {
        !(self.line_start.is_due()
            || self.line.is_some()
            || self.block.offset.is_some()
            || self.dropping)
    }

    /// Counts an event that was found without the parser, in the current chunk.
    #[inline(always)]
    pub fn count(&mut self) {
        self.index += 1;
    }

    /// The event at `pos` if it has the shape that nearly all have, an `event` and a `data` line
    /// or a `data` line alone, and lies whole in the chunk. Otherwise `None`, and nothing has
    /// changed: [`FrameParser::next_of_any_shape`] must be asked.
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
        let (event_end, value, repeats_name) = self.data_value(chunk, start)?;
        let Some(end) = data_lines.line_end(chunk, value - 1) else {
            self.searched = Some((value - 1, None));
            return None;
        };
        let data = value..end;
        let event = (start + EVENT.len()).min(event_end)..event_end;
        let ends = if chunk[end..].starts_with(b"\n\n") {
            Some((end + 1, end + 2))
        } else {
            after_line_end(chunk, end)
                .and_then(|blank| Some((blank, after_line_end(chunk, blank)?)))
        };
        let ends = ends.filter(|_| event.len() + data.len() <= self.max_event_size);
        let Some((blank, next)) = ends else {
            self.searched = Some((value - 1, Some(end)));
            return None;
        };
        *pos = next;
        self.index += 1;
        Some(Whole {
            offset: self.chunk_offset + start as u64,
            index: self.index - 1,
            event,
            data,
            end: self.chunk_offset + blank as u64,
            repeats_name,
        })
    }

    /// Where the `event` line of a common event at `start` ends (at `start` if there is none), and
    /// where the value of its `data` line begins, and whether all this is as in the event before it.
    #[inline(always)]
    fn data_value(&mut self, chunk: &[u8], start: usize) -> Option<(usize, usize, bool)> {
        let rest = &chunk[start..];
        let last = &self.last_opening;
        if !last.is_empty() && rest.starts_with(&chunk[last.clone()]) {
            return Some((start + self.last_event_len, start + last.len(), true));
        }
        let mut event_end = start;
        let mut line = start;
        if rest.starts_with(EVENT) {
            event_end = lines::line_end(chunk, start)?;
            line = after_line_end(chunk, event_end)?;
        }
        if !chunk[line..].starts_with(DATA) {
            return None;
        }
        let value = line + DATA.len();
        self.last_opening = start..value;
        self.last_event_len = event_end - start;
        Some((event_end, value, false))
    }

    /// Ends the stream, and drops what is unfinished.
    pub fn discard(&mut self) {
        self.line = None;
        self.block = Block::EMPTY;
        self.dropping = false;
    }

    /// Ends the stream. What is unfinished counts as ended.
    pub fn finish(&mut self) -> Rest {
        let cut_line = match self.line.take() {
            Some(line) => {
                let is_comment = matches!(line, Line::Comment);
                self.finish_line(line);
                !is_comment
            }
            None => self.line_start.within_bom(),
        };
        if self.dropping {
            self.dropped_end = Some(self.chunk_offset);
            self.discard();
            return Rest::Nothing;
        }
        if self.block.size() > self.max_event_size {
            let too_large = self.drop_event();
            self.dropped_end = Some(self.chunk_offset);
            self.discard();
            return Rest::TooLarge(too_large);
        }
        let is_cut = self.block.has_event || cut_line;
        let offset = self.block.offset.unwrap_or(0);
        let event = self.block.event.clone();
        if let Some(frame) = self.dispatch(self.chunk_offset) {
            return Rest::Frame(frame);
        }
        if !is_cut {
            return Rest::Nothing;
        }
        self.index += 1;
        Rest::Cut(Frame {
            offset,
            index: self.index - 1,
            event,
            data: Value::EMPTY,
            retry: None,
            sets_id: false,
            clean: 0..0,
            left: Vec::new(),
            end: self.chunk_offset,
        })
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

    #[inline(always)]
    fn open_block(&mut self, line_start: usize) {
        if self.block.offset.is_none() {
            self.block.offset = Some(self.chunk_offset + line_start as u64);
        }
    }

    /// Takes in a whole line that is neither blank nor a comment, and tells the size of the event
    /// while the line lasts.
    #[inline(always)]
    fn field_line(&mut self, chunk: &[u8], line: Range<usize>) -> usize {
        self.open_block(line.start);
        let bytes = &chunk[line.clone()];
        let (field, value) = if bytes.starts_with(b"data:") {
            (Field::Data, 5)
        } else if bytes.starts_with(b"event:") {
            (Field::Event, 6)
        } else {
            let name = memchr::memchr(b':', bytes).unwrap_or(bytes.len());
            match Field::of(&bytes[..name]) {
                Some(field) => (field, (name + 1).min(bytes.len())),
                None => return self.block.size(),
            }
        };
        let space = usize::from(bytes.get(value) == Some(&b' '));
        let range = line.start + value + space..line.end;
        match field {
            Field::Data if !self.block.has_data => {
                self.block.data = Value::InChunk(range);
                self.block.has_data = true;
            }
            Field::Data => {
                let data = self.block.data.make_owned(chunk);
                data.push(b'\n');
                data.extend_from_slice(&chunk[range]);
            }
            Field::Event => {
                self.block.event = Value::InChunk(range);
                self.block.has_event = true;
            }
            Field::Id | Field::Retry => {
                if field == Field::Id {
                    self.block.id_len = range.len();
                }
                let size = self.block.size();
                self.unfinished.extend_from_slice(&chunk[range]);
                self.finish_line(Line::Value {
                    field,
                    opens: false,
                });
                return size;
            }
        }
        self.block.size()
    }

    #[inline(always)]
    fn dispatch(&mut self, end: u64) -> Option<Frame> {
        if self.dropping {
            self.dropping = false;
            self.dropped_end = Some(end);
        }
        let block = mem::replace(&mut self.block, Block::EMPTY);
        let sets_id = block.id.is_some();
        let has_id = block.id.as_ref().is_some_and(|id| !id.is_empty());
        if let Some(id) = block.id {
            self.last_event_id = id;
        }
        let has_other = !block.event.is_empty() || has_id || block.retry.is_some();
        if !(block.has_data || self.dataless && has_other) {
            return None;
        }
        self.index += 1;
        Some(Frame {
            offset: block.offset.unwrap_or(self.chunk_offset),
            index: self.index - 1,
            event: block.event,
            data: block.data,
            retry: block.retry,
            sets_id,
            clean: block.clean,
            left: block.left,
            end,
        })
    }

    /// Takes up at the start of a chunk what the chunks before it left open.
    #[cold]
    fn resume(&mut self, chunk: &[u8], pos: &mut usize) -> Option<TooLarge> {
        match self.line_start.skip(chunk, pos) {
            Bom::Settled => {}
            Bom::Unfinished => return None,
            Bom::WasLine => {
                self.block.offset = Some(0);
                self.line = Some(Line::Ignored);
            }
        }
        let end = match self.line.as_ref()? {
            Line::Value {
                field: Field::Data,
                opens: false,
            } => self.data_line_end(chunk, *pos),
            _ => lines::line_end(chunk, *pos),
        };
        match &self.left {
            Some(left) => {
                let (at, len) = (self.block.data.make_owned(chunk).len(), left.len());
                self.block.left.push(Left { at, len });
                self.block.left_len += len;
            }
            None => self.extend_line(&chunk[*pos..end.unwrap_or(chunk.len())], chunk),
        }
        *pos = end.unwrap_or(chunk.len());
        let mut too_large = self.block.size() > self.max_event_size;
        if end.is_some() {
            if let Some(line) = self.line.take() {
                self.finish_line(line);
            }
            too_large |= self.block.size() > self.max_event_size;
            self.end_line(chunk, pos);
        } else if too_large {
            self.drop_line();
        }
        too_large.then(|| self.drop_event())
    }

    /// Where a data line ends that goes on at the start of a chunk. Nearly all chunks that end
    /// none are clean, and what is found so is not to be looked for again.
    fn data_line_end(&mut self, chunk: &[u8], start: usize) -> Option<usize> {
        let len = clean_len(&chunk[start..]);
        if self.leaves && len >= MIN_LEFT && start + len == chunk.len() {
            self.left = Some(start..chunk.len());
            return None;
        }
        let at = self.block.data.len();
        let clean = &mut self.block.clean;
        if clean.end == at && clean.start < at {
            clean.end += len;
        } else if len > clean.len() {
            *clean = at..at + len;
        }
        lines::line_end(chunk, start + len)
    }

    /// Takes in the start of a line that the chunk does not end.
    fn open_line(&mut self, chunk: &[u8], start: usize) {
        if self.dropping {
            self.line = Some(Line::Ignored);
        } else if chunk[start] == b':' {
            self.line = Some(Line::Comment);
        } else {
            self.open_block(start);
            self.line = Some(Line::Name(Vec::new()));
            self.extend_line(&chunk[start..], chunk);
        }
    }

    /// Takes in a further part of the unfinished line.
    fn extend_line(&mut self, mut part: &[u8], chunk: &[u8]) {
        if let Some(Line::Name(name)) = &mut self.line {
            let colon = memchr::memchr(b':', part);
            let rest_of_name = &part[..colon.unwrap_or(part.len())];
            if name.len() + rest_of_name.len() > Field::LONGEST_NAME {
                self.line = Some(Line::Ignored);
                return;
            }
            name.extend_from_slice(rest_of_name);
            let Some(colon) = colon else { return };
            part = &part[colon + 1..];
            let field = Field::of(name);
            self.line = Some(match field {
                Some(field) => Line::Value { field, opens: true },
                None => Line::Ignored,
            });
            if let Some(field) = field {
                self.open_value(field, chunk);
            }
        }
        let Some(Line::Value { field, opens }) = &mut self.line else {
            return;
        };
        if *opens && let [first, rest @ ..] = part {
            *opens = false;
            if *first == b' ' {
                part = rest;
            }
        }
        match field {
            Field::Data => self.block.data.make_owned(chunk).extend_from_slice(part),
            Field::Event => self.block.event.make_owned(chunk).extend_from_slice(part),
            Field::Id => {
                self.unfinished.extend_from_slice(part);
                self.block.id_len = self.unfinished.len();
            }
            // Leading zeros do not matter and a long number saturates: a few digits are enough.
            Field::Retry => {
                for &byte in part {
                    if self.unfinished == b"0" {
                        self.unfinished.clear();
                    }
                    if self.unfinished.len() <= MAX_RETRY_DIGITS {
                        self.unfinished.push(byte);
                    } else if !byte.is_ascii_digit() {
                        self.unfinished[0] = byte;
                    }
                }
            }
        }
    }

    /// Makes room for the value of a line that is not whole in its chunk.
    fn open_value(&mut self, field: Field, chunk: &[u8]) {
        match field {
            Field::Data if self.block.has_data => self.block.data.make_owned(chunk).push(b'\n'),
            Field::Data => self.block.has_data = true,
            Field::Event => {
                self.block.event = Value::EMPTY;
                self.block.has_event = true;
            }
            Field::Id => {
                self.unfinished.clear();
                self.block.id_len = 0;
            }
            Field::Retry => self.unfinished.clear(),
        }
    }

    /// Ends a line that was not taken in whole.
    fn finish_line(&mut self, line: Line) {
        let field = match line {
            Line::Ignored | Line::Comment => return,
            Line::Value { field, .. } => field,
            Line::Name(name) => match Field::of(&name) {
                Some(field) => {
                    self.open_value(field, &[]);
                    field
                }
                None => return,
            },
        };
        match field {
            Field::Data | Field::Event => return,
            Field::Id => {
                if !self.unfinished.contains(&0) {
                    self.block.id = Some(self.unfinished.clone());
                }
                self.block.id_len = self.block.id.as_ref().map_or(0, Vec::len);
            }
            Field::Retry => {
                if let Some(retry) = parse_retry(&self.unfinished) {
                    self.block.retry = Some(retry);
                    self.retry = Some(retry);
                }
            }
        }
        self.unfinished.clear();
    }

    /// Gives up the event that has just grown past the limit.
    #[cold]
    fn drop_event(&mut self) -> TooLarge {
        let offset = self.block.offset.unwrap_or(self.chunk_offset);
        self.block = Block::EMPTY;
        self.left = None;
        self.dropping = true;
        self.index += 1;
        TooLarge {
            offset,
            index: self.index - 1,
        }
    }

    fn drop_line(&mut self) {
        self.line = Some(Line::Ignored);
        self.unfinished = Vec::new();
    }

    /// Leaves a chunk that is used up: what lies in it moves into the parser.
    fn leave(&mut self, chunk: &[u8]) {
        if self.block.has_data {
            self.block.data.make_owned(chunk);
        }
        if self.block.has_event {
            self.block.event.make_owned(chunk);
        }
        self.chunk_offset += chunk.len() as u64;
        self.last_opening = 0..0;
        self.searched = None;
    }
}

const EVENT: &[u8] = b"event: ";
const DATA: &[u8] = b"data: ";

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

/// Where the value of a data line begins, if the line at `start` is one and has its colon.
#[inline(always)]
fn data_value(chunk: &[u8], start: usize) -> Option<usize> {
    chunk[start..].starts_with(b"data:").then_some(start + 5)
}

/// Fewer bytes are cheaper to copy than to keep track of.
pub const MIN_LEFT: usize = 1024;

/// One digit more than the longest number that fits.
const MAX_RETRY_DIGITS: usize = 20;

/// Only ASCII digits, and at least one; a number past the range of `u64` becomes its end.
fn parse_retry(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0u64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    }))
}
