//! An event that comes in several chunks: what a chunk leaves open is moved into the parser, or is
//! kept where it is, and taken up at the start of the next.

use std::ops::Range;

use super::{FrameParser, TooLarge};
use crate::clean::clean_len;
use crate::limits::MIN_KEPT;
use crate::lines::{self, Bom};

/// Data that stays in its chunk: see [`FrameParser::keep_clean_chunks`].
#[derive(Clone, Debug, Default)]
pub(super) struct Keeping {
    pub(super) is_on: bool,
    /// The part of the current chunk.
    pub(super) part: Option<Range<usize>>,
}

impl FrameParser {
    /// Takes up at the start of a chunk what the chunks before it left open.
    #[cold]
    pub(super) fn resume(&mut self, chunk: &[u8], pos: &mut usize) -> Option<TooLarge> {
        match self.line_start.skip(chunk, pos) {
            Bom::Settled => {}
            Bom::Unfinished => return None,
            Bom::WasLine(start) => {
                self.block.open(0);
                self.cut_line.begin();
                self.cut_line.extend(start, start, &mut self.block);
            }
        }
        if !self.cut_line.is_open() {
            return None;
        }
        let end = match self.cut_line.is_within_data() {
            true => self.data_line_end(chunk, *pos),
            false => lines::line_end(chunk, *pos),
        };
        match &self.keeping.part {
            Some(part) => self.block.keep(chunk, part.len()),
            None => {
                let part = &chunk[*pos..end.unwrap_or(chunk.len())];
                self.cut_line.extend(part, chunk, &mut self.block);
            }
        }
        *pos = end.unwrap_or(chunk.len());
        let mut is_too_large = self.is_too_large();
        if end.is_some() {
            self.finish_cut_line();
            is_too_large |= self.is_too_large();
            self.end_line(chunk, pos);
        } else if is_too_large {
            self.cut_line.ignore();
        }
        is_too_large.then(|| self.drop_event())
    }

    /// The end of a data line that continues at the start of a chunk. Nearly all chunks without one
    /// are clean, and what this search finds clean is not read again.
    fn data_line_end(&mut self, chunk: &[u8], start: usize) -> Option<usize> {
        let len = clean_len(&chunk[start..]);
        if self.keeping.is_on && len >= MIN_KEPT && start + len == chunk.len() {
            self.keeping.part = Some(start..chunk.len());
            return None;
        }
        self.block.add_clean(len);
        lines::line_end(chunk, start + len)
    }

    /// Takes in the start of a line that the chunk does not end.
    pub(super) fn begin_cut_line(&mut self, chunk: &[u8], start: usize) {
        if self.skipping.is_on {
            self.cut_line.ignore();
        } else if chunk[start] == b':' {
            self.cut_line.begin_comment();
        } else {
            self.block.open(self.chunk_offset + start as u64);
            self.cut_line.begin();
            self.cut_line
                .extend(&chunk[start..], chunk, &mut self.block);
        }
    }

    pub(super) fn finish_cut_line(&mut self) {
        self.unknown_lines += u64::from(self.cut_line.finish(&mut self.block));
        self.retry = self.block.retry().or(self.retry);
    }

    /// Leaves a chunk that is used up: what lies in it moves into the parser.
    pub(super) fn leave_chunk(&mut self, chunk: &[u8]) {
        self.block.leave_chunk(chunk);
        self.common.leave_chunk();
        self.chunk_offset += chunk.len() as u64;
    }
}
