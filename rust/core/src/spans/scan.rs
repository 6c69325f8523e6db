//! The scan: where the strings of a payload begin and end, and which of them are spans. It is no
//! tokenizer, which `json` is: it takes any bytes, refuses nothing, and stops where a line ends.

use std::ops::Range;

use super::{Keys, Span};
use crate::clean::clean_len;

/// Watches the values of named keys while they are scanned.
pub(super) trait Observer {
    /// How many bytes of the value of `key` at `start` are clean, where that is found without the
    /// scan.
    fn known_clean(&mut self, bytes: &[u8], key: &[u8], start: usize) -> Option<usize>;

    /// Takes in the span of the value asked for last, which is that of `key`.
    fn add(&mut self, key: &[u8], span: &Span);
}

/// Watches nothing.
pub(super) struct NoObserver;

impl Observer for NoObserver {
    #[inline(always)]
    fn known_clean(&mut self, _: &[u8], _: &[u8], _: usize) -> Option<usize> {
        None
    }

    #[inline(always)]
    fn add(&mut self, _: &[u8], _: &Span) {}
}

/// Collects the spans of `bytes[at..]`. With `LINE` the payload is one line, and the index of the
/// CR or LF that ends it is returned; without, these are white space.
pub(super) fn scan<const LINE: bool, O: Observer>(
    bytes: &[u8],
    mut at: usize,
    clean: &Range<usize>,
    keys: &Keys,
    spans: &mut Vec<Span>,
    observer: &mut O,
) -> Option<usize> {
    // True between the colon of a key that is searched for and its value.
    let mut is_wanted = false;
    let mut key = 0..0;
    loop {
        match *bytes.get(at)? {
            b'"' => {}
            b'\n' | b'\r' if LINE => return Some(at),
            b' ' | b'\t' | b'\n' | b'\r' => {
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
        let known;
        let mut clean = clean;
        if is_wanted && let Some(len) = observer.known_clean(bytes, &bytes[key.clone()], start) {
            known = start..start + len;
            clean = &known;
        }
        let (end, is_clean) = match end_of_string(bytes, start, clean) {
            StringEnd::Quote { at, is_clean } => (at, is_clean),
            StringEnd::Line(end) => return LINE.then_some(end),
            StringEnd::Missing => return None,
        };
        at = end + 1;
        if is_wanted {
            is_wanted = false;
            if is_clean {
                let span = Span { start, end };
                observer.add(&bytes[key.clone()], &span);
                spans.push(span);
            }
            continue;
        }
        let after = skip_space::<LINE>(bytes, at);
        if bytes.get(after) == Some(&b':') {
            at = after + 1;
            key = start..end;
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
