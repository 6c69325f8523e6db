//! A payload's text with a mark in the place of each long base64.

use crate::limits::LONG_PAYLOAD;
use crate::spans::{self, Keys, Span};

/// Base64 of at least this length is left out.
const MIN_ELIDED: usize = 1024;

/// A payload and what is known of its strings.
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
            out.extend_from_slice(&payload[at..span.start]);
            out.extend_from_slice(format!("<base64 {} characters>", span.len()).as_bytes());
            at = span.end;
        }
        out.extend_from_slice(&payload[at..]);
    }
}

fn are_base64(text: &[u8]) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/' | b'=');
    // No early exit within a block, so that the compiler makes vector instructions of it.
    let all_are = |block: &[u8]| block.iter().fold(true, |all, &byte| all & is_base64(byte));
    text.chunks(256).all(all_are)
}
