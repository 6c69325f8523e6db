//! Line ends and the byte order mark.
//!
//! A line ends with LF, CR or CRLF, in any mixture. A CR ends its line at once, so that an
//! event is never held back for an LF that may not come; [`LineStart`] swallows that LF when it
//! opens the next chunk.

use std::mem;

/// A search for the ends of data lines, which may make use of what their values hold.
pub trait DataLines {
    /// The index of the CR or LF that ends the line whose value begins at `value`, if the
    /// chunk holds it.
    fn line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize>;
}

/// A search that treats a value as any bytes.
pub struct AnyValue;

impl DataLines for AnyValue {
    #[inline(always)]
    fn line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize> {
        line_end(chunk, value)
    }
}

/// The index of the first CR or LF at or after `start`.
#[inline(always)]
pub fn line_end(chunk: &[u8], start: usize) -> Option<usize> {
    memchr::memchr2(b'\n', b'\r', &chunk[start..]).map(|at| start + at)
}

pub(crate) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The state between two lines: whether an LF or a byte order mark may come next.
#[derive(Clone, Debug, Default)]
pub struct LineStart {
    bom_matched: u8,
    after_cr: bool,
}

/// What the first bytes of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bom {
    /// No byte order mark, or one that has been skipped.
    Settled,
    /// The chunk ended within what may be one.
    Unfinished,
    /// The start of a line, of which these bytes lie in earlier chunks.
    WasLine(&'static [u8]),
}

impl LineStart {
    /// True while [`LineStart::skip`] has something to do.
    #[inline(always)]
    pub fn is_due(&self) -> bool {
        self.after_cr || self.bom_matched < 3
    }

    /// Says that a CR ended the chunk.
    pub fn set_after_cr(&mut self) {
        self.after_cr = true;
    }

    /// Moves `pos` past an LF that completes a CRLF, or past the byte order mark.
    pub fn skip(&mut self, chunk: &[u8], pos: &mut usize) -> Bom {
        if self.after_cr && *pos < chunk.len() {
            self.after_cr = false;
            *pos += usize::from(chunk[*pos] == b'\n');
        }
        while self.bom_matched < 3 {
            let matched = usize::from(self.bom_matched);
            match chunk.get(*pos) {
                None => return Bom::Unfinished,
                Some(&byte) if byte == BOM[matched] => {
                    self.bom_matched += 1;
                    *pos += 1;
                }
                Some(_) => {
                    self.bom_matched = 3;
                    if matched <= *pos {
                        // All of it lies in this chunk: read it as the line that it is.
                        *pos -= matched;
                    } else {
                        let earlier = matched - mem::take(pos);
                        return Bom::WasLine(&BOM[..earlier]);
                    }
                }
            }
        }
        Bom::Settled
    }

    /// True if the stream so far is a proper part of a byte order mark.
    pub fn within_bom(&self) -> bool {
        (1..3).contains(&self.bom_matched)
    }
}
