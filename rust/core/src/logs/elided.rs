//! A payload's text with a mark in the place of each long base64.

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
    pub fn write(&self, out: &mut Vec<u8>) {
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
            write_rest(&payload[at..span.start], out);
            write_mark(span.len(), out);
            at = span.end;
        }
        write_rest(&payload[at..], out);
    }
}

fn write_mark(len: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("<base64 {len} characters>").as_bytes());
}

/// What stands before the base64 of a data URL, which may be a part of any string.
const IN_URL: &[u8] = b";base64,";

/// Writes text in which only data URLs hold base64.
fn write_rest(mut text: &[u8], out: &mut Vec<u8>) {
    if text.len() >= MIN_ELIDED {
        while let Some(at) = memchr::memmem::find(text, IN_URL) {
            let (before, rest) = text.split_at(at + IN_URL.len());
            out.extend_from_slice(before);
            let len = base64_len(rest);
            if len >= MIN_ELIDED {
                write_mark(len, out);
            } else {
                out.extend_from_slice(&rest[..len]);
            }
            text = &rest[len..];
        }
    }
    out.extend_from_slice(text);
}

/// How much of a text is base64, in which slashes may be escaped.
fn base64_len(text: &[u8]) -> usize {
    let mut len = 0;
    while let Some(&byte) = text.get(len) {
        match byte {
            _ if is_base64(byte) => len += 1,
            b'\\' if text.get(len + 1) == Some(&b'/') => len += 2,
            _ => break,
        }
    }
    len
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=')
}

fn are_base64(text: &[u8]) -> bool {
    // No early exit within a block, so that the compiler makes vector instructions of it.
    let all_are = |block: &[u8]| block.iter().fold(true, |all, &byte| all & is_base64(byte));
    text.chunks(256).all(all_are)
}
