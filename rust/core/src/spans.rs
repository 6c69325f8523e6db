//! Spans: where the base64 strings of a JSON payload lie.
//!
//! The scan knows one thing of JSON, where its strings begin and end, and nothing of the types
//! that the payload will be decoded to. It is right all the same: a span is the whole content of
//! a string token in which nothing is escaped and nothing can be refused, so that another such
//! string may stand in its place and the JSON reader's verdict on the rest does not change.
//! Whether a span was where a base64 field is wanted is for the caller to see.
//!
//! Each byte is looked at once, and the end of the line is found on the way: [`LineSpans`] is a
//! line search that jumps over the strings whose ends it has found.

use std::collections::HashSet;
use std::ops::Range;

use crate::clean::clean_len;
use crate::lines::{self, DataLines};

/// The content of a string, without its quotes, as a range of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The index of the first byte.
    pub start: usize,
    /// The index past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes of the content.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// True for the empty string.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// The members whose values are wanted.
#[derive(Clone, Debug)]
pub enum Keys {
    /// The value of each of these keys. A key with an escape in it may be any of them, and
    /// counts as one.
    Named(HashSet<Box<[u8]>>),
    /// Every string that is not itself a key.
    Any,
}

impl Keys {
    /// True if no key is wanted: there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        matches!(self, Keys::Named(names) if names.is_empty())
    }

    fn holds(&self, key: &[u8]) -> bool {
        match self {
            Keys::Any => true,
            Keys::Named(names) => names.contains(key) || key.contains(&b'\\'),
        }
    }
}

/// The spans of a whole payload, in their order.
pub fn find(payload: &[u8], keys: &Keys) -> Vec<Span> {
    find_past(payload, keys, &(0..0))
}

/// The same for a payload of which a part is known to be clean, which is not looked at again:
/// see [`crate::frames::Frame::clean`].
pub fn find_past(payload: &[u8], keys: &Keys, clean: &Range<usize>) -> Vec<Span> {
    let mut spans = Vec::new();
    if !keys.is_empty() {
        scan::<false>(payload, 0, clean, keys, &mut spans, None);
    }
    spans
}

/// Which spans of a chunk hold the same bytes: the picture of an event often comes again in the
/// next ones.
///
/// A span is compared with the last one while it is searched for its end. What is equal to clean
/// bytes is clean, so that the comparison takes the place of the search, and costs no more.
#[derive(Clone, Debug, Default)]
struct Contents {
    last: Range<usize>,
    /// The number of what the last span holds.
    number: u32,
    /// The numbers of the spans of the last line.
    numbers: Vec<u32>,
}

impl Contents {
    /// Shorter spans are not compared.
    const MIN: usize = 1024;
    const BLOCK: usize = 4096;
    /// As many bytes tell most strings apart.
    const NEAR: usize = 64;

    /// How many bytes from `start` are those of the last span.
    fn common_len(&self, bytes: &[u8], start: usize) -> usize {
        let last = &bytes[self.last.clone()];
        let new = &bytes[start..bytes.len().min(start + last.len())];
        let common = |size: usize| {
            let blocks = last.chunks(size).zip(new.chunks(size));
            let equal = blocks.take_while(|(last, new)| last == new);
            equal.map(|(block, _)| block.len()).sum::<usize>()
        };
        if last.get(..Self::NEAR) != new.get(..Self::NEAR) {
            return 0;
        }
        common(Self::BLOCK)
    }

    /// Takes in a span of which so many bytes are those of the last one.
    fn add(&mut self, span: &Span, common_len: usize) {
        if span.len() < Self::MIN {
            self.numbers.push(0);
            return;
        }
        if common_len < span.len() || span.len() != self.last.len() {
            self.number = self.number.wrapping_add(1).max(1);
        }
        self.last = span.start..span.end;
        self.numbers.push(self.number);
    }
}

/// A line search over the payloads of one line, which keeps what it found out about the last.
pub struct LineSpans {
    keys: Keys,
    is_flat: bool,
    searched: Option<usize>,
    spans: Vec<Span>,
    contents: Option<Contents>,
}

impl LineSpans {
    /// A line longer than this is scanned; a shorter one is cheaper to copy than to cut.
    pub const LONG: usize = 16 * 1024;

    /// A search for the values of `keys`.
    pub fn new(keys: Keys) -> Self {
        LineSpans {
            keys,
            is_flat: false,
            searched: None,
            spans: Vec::new(),
            contents: None,
        }
    }

    /// From here on, finds out which spans of a chunk hold the same bytes. The caller says with
    /// [`LineSpans::leave_chunk`] when the next chunk is searched.
    pub fn compare_contents(&mut self) {
        self.contents = Some(Contents::default());
    }

    /// Says that the next search is in another chunk.
    pub fn leave_chunk(&mut self) {
        self.searched = None;
        if let Some(contents) = &mut self.contents {
            contents.last = 0..0;
        }
    }

    /// For each span of the line searched last a number: spans with the same one hold the same
    /// bytes. 0 if nothing is known, and for short spans.
    pub fn contents(&self, payload_start: usize) -> &[u32] {
        match &self.contents {
            Some(contents) if self.is_of(payload_start) => &contents.numbers,
            _ => &[],
        }
    }

    /// Whether the last search was that of the payload at `start`.
    fn is_of(&self, start: usize) -> bool {
        // The search began at the colon; a payload begins there or at the space after it.
        matches!(self.searched, Some(value) if value == start || value + 1 == start)
    }

    /// The keys that are looked for.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether the last line searched has a single `}` and ends with it. A payload of such a line
    /// that begins with `{` is one object with no other in it, or else no JSON.
    pub fn is_flat(&self) -> bool {
        self.is_flat
    }

    /// Gives up what the last search found: the line went on.
    pub fn forget(&mut self) {
        self.searched = None;
    }

    /// The spans, relative to it, of the payload at `start..end` of the chunk last searched.
    pub fn of(&self, chunk: &[u8], start: usize, end: usize) -> Vec<Span> {
        if !self.is_of(start) {
            return find(&chunk[start..end], &self.keys);
        }
        let spans = self.spans.iter();
        let relative = spans.map(|span| Span {
            start: span.start - start,
            end: span.end - start,
        });
        relative.collect()
    }
}

impl DataLines for LineSpans {
    #[inline]
    fn line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize> {
        self.is_flat = false;
        self.searched = None;
        let near = &chunk[..chunk.len().min(value + Self::LONG)];
        let mut at = value;
        if let Some(first) = memchr::memchr3(b'}', b'\n', b'\r', &near[at..]) {
            at += first;
            if near[at] != b'}' {
                return Some(at);
            }
            at += 1;
            if let Some(b'\n' | b'\r') = near.get(at) {
                self.is_flat = true;
                return Some(at);
            }
            if let Some(end) = lines::line_end(near, at) {
                return Some(end);
            }
        }
        self.long_line_end(chunk, value)
    }
}

impl LineSpans {
    #[cold]
    fn long_line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize> {
        if self.keys.is_empty() {
            return lines::line_end(chunk, value);
        }
        self.spans.clear();
        self.searched = Some(value);
        let mut contents = self.contents.as_mut();
        if let Some(contents) = &mut contents {
            contents.numbers.clear();
        }
        scan::<true>(chunk, value, &(0..0), &self.keys, &mut self.spans, contents)
    }
}

/// Collects the spans of `bytes[at..]`. With `LINE` the payload is one line, and the index of the
/// CR or LF that ends it is returned; without, these are white space. `contents` needs named keys.
fn scan<const LINE: bool>(
    bytes: &[u8],
    mut at: usize,
    clean: &Range<usize>,
    keys: &Keys,
    spans: &mut Vec<Span>,
    mut contents: Option<&mut Contents>,
) -> Option<usize> {
    // Set between a wanted key's colon and its value.
    let mut is_wanted = false;
    loop {
        match *bytes.get(at)? {
            b'"' => {}
            b' ' | b'\t' => {
                at += 1;
                continue;
            }
            b'\n' | b'\r' => {
                if LINE {
                    return Some(at);
                }
                at += 1;
                continue;
            }
            _ => {
                is_wanted = false;
                at += 1;
                continue;
            }
        }
        let start = at + 1;
        let mut common_len = 0;
        let known;
        let mut clean = clean;
        if is_wanted && let Some(contents) = &contents {
            common_len = contents.common_len(bytes, start);
            known = start..start + common_len;
            clean = &known;
        }
        let string = match end_of_string(bytes, start, clean) {
            StringEnd::Quote { at, is_clean } => (at, is_clean),
            StringEnd::Line(end) => return LINE.then_some(end),
            StringEnd::Missing => return None,
        };
        let (end, is_clean) = string;
        at = end + 1;
        if is_wanted {
            is_wanted = false;
            if is_clean {
                let span = Span { start, end };
                if let Some(contents) = &mut contents {
                    contents.add(&span, common_len);
                }
                spans.push(span);
            }
            continue;
        }
        let after = skip_space::<LINE>(bytes, at);
        if bytes.get(after) == Some(&b':') {
            at = after + 1;
            is_wanted = keys.holds(&bytes[start..end]);
        } else if is_clean && matches!(keys, Keys::Any) {
            spans.push(Span { start, end });
        }
    }
}

/// The index of the first byte at or after `at` that is no JSON white space (of this line).
fn skip_space<const LINE: bool>(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        if LINE && matches!(bytes[at], b'\n' | b'\r') {
            break;
        }
        at += 1;
    }
    at
}

enum StringEnd {
    /// The closing quote; clean if the string holds neither an escape, nor a control character,
    /// nor a byte beyond ASCII.
    Quote { at: usize, is_clean: bool },
    /// A CR or LF, which no JSON string may hold.
    Line(usize),
    /// The bytes end first.
    Missing,
}

fn end_of_string(bytes: &[u8], start: usize, clean: &Range<usize>) -> StringEnd {
    let mut at = start;
    let mut is_clean = true;
    loop {
        if at < clean.start {
            at += clean_len(&bytes[at..clean.start]);
        }
        if clean.contains(&at) {
            at = clean.end;
        }
        if at >= clean.end {
            at += clean_len(&bytes[at..]);
        }
        match bytes.get(at) {
            None => return StringEnd::Missing,
            Some(b'"') => return StringEnd::Quote { at, is_clean },
            Some(b'\n' | b'\r') => return StringEnd::Line(at),
            Some(b'\\') => {
                // The byte after it decides only when it could be taken for an end or an escape.
                at += match bytes.get(at + 1) {
                    Some(b'"' | b'\\') => 2,
                    _ => 1,
                };
            }
            Some(_) => at += 1,
        }
        is_clean = false;
    }
}
