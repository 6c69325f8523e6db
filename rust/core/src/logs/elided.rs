//! A payload's text with a mark in the place of each long base64.

use std::ops::Range;

use crate::limits::LONG_PAYLOAD;
use crate::spans::{self, Keys, Span};

/// Base64 of at least this length is left out.
const MIN_ELIDED: usize = 1024;

/// A payload, and its strings as far as they were searched.
#[derive(Clone, Copy)]
pub struct Elided<'a> {
    /// The payload.
    pub text: &'a [u8],
    /// The strings under `keys`, if the payload is long.
    pub spans: &'a [Span],
    /// The keys of strings that may be base64.
    pub keys: &'a Keys,
}

impl Elided<'_> {
    /// Writes the text with marks.
    pub fn write(self, out: &mut Vec<u8>) {
        let (payload, found) = (self.text, &mut Vec::new());
        let mut spans = self.spans;
        if (MIN_ELIDED..LONG_PAYLOAD).contains(&payload.len()) {
            *found = spans::find(payload, self.keys);
            spans = found;
        }
        let mut at = 0;
        for span in spans {
            let text = &payload[span.start..span.end];
            if span.len() < MIN_ELIDED || !are_base64(text) {
                continue;
            }
            self.write_rest(&payload[at..span.start], out);
            write_mark(span.len(), out);
            at = span.end;
        }
        self.write_rest(&payload[at..], out);
    }

    /// Writes text whose only base64 is in data URLs, or has escapes in it.
    fn write_rest(&self, text: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        let mut url = in_url(text, at);
        let may_be_escaped = memchr::memchr(b'\\', text).is_some();
        while text.len() >= MIN_ELIDED {
            let before = at..url.unwrap_or(text.len());
            let escaped = may_be_escaped.then(|| self.escaped(text, before)).flatten();
            let Some(start) = escaped.or(url) else {
                break;
            };
            let len = base64_len(&text[start..]);
            out.extend_from_slice(&text[at..start]);
            at = start + len;
            if len >= MIN_ELIDED {
                write_mark(len, out);
            } else {
                out.extend_from_slice(&text[start..at]);
            }
            if url.is_some_and(|url| url <= at) {
                url = in_url(text, at);
            }
        }
        out.extend_from_slice(&text[at..]);
    }

    /// Where the first value of a key in this part begins that is long base64.
    fn escaped(&self, text: &[u8], part: Range<usize>) -> Option<usize> {
        let quotes = memchr::memchr_iter(b'"', &text[part.clone()]);
        let mut starts = quotes.map(|at| part.start + at + 1);
        starts.find(|&at| {
            let len = base64_len(&text[at..]);
            len >= MIN_ELIDED && text.get(at + len) == Some(&b'"') && self.is_value(&text[..at - 1])
        })
    }

    /// Whether the value of one of the keys is what follows.
    fn is_value(&self, before: &[u8]) -> bool {
        let key = before.trim_ascii_end().strip_suffix(b":");
        let key = key.and_then(|key| key.trim_ascii_end().strip_suffix(b"\""));
        key.is_some_and(|key| {
            let quote = memchr::memrchr(b'"', key);
            // One that is escaped is part of the key.
            quote.is_some_and(|at| key[..at].ends_with(b"\\") || self.keys.holds(&key[at + 1..]))
        })
    }
}

fn write_mark(len: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("<base64 {len} characters>").as_bytes());
}

/// What stands before the base64 of a data URL, which may be a part of any string.
const IN_URL: &[u8] = b";base64,";

/// Where the first base64 of a data URL begins from here on.
fn in_url(text: &[u8], from: usize) -> Option<usize> {
    let found = memchr::memmem::find(&text[from..], IN_URL);
    found.map(|at| from + at + IN_URL.len())
}

/// How much of a text is base64, which may have escapes.
fn base64_len(text: &[u8]) -> usize {
    let mut len = 0;
    while let Some(&byte) = text.get(len) {
        match byte {
            _ if is_base64(byte) => len += 1,
            b'\\' => match escape_len(&text[len + 1..]) {
                0 => break,
                escape => len += 1 + escape,
            },
            _ => break,
        }
    }
    len
}

/// The length of an escape behind its backslash that stands for one of `/+=`; 0 of another one.
fn escape_len(text: &[u8]) -> usize {
    match text {
        [b'/', ..] => 1,
        [b'u', b'0', b'0', b'2', b'b' | b'B' | b'f' | b'F', ..] => 5,
        [b'u', b'0', b'0', b'3', b'd' | b'D', ..] => 5,
        _ => 0,
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=')
}

fn are_base64(text: &[u8]) -> bool {
    // No early exit within a block, so that the compiler makes vector instructions of it.
    let all_are = |block: &[u8]| block.iter().fold(true, |all, &byte| all & is_base64(byte));
    text.chunks(256).all(all_are)
}
