//! Long base64 that is cut out of a payload: a placeholder stands in the place of each.
//!
//! A JSON reader reads the rest, and gets the text for a placeholder from [`Cut::take`]. What it
//! makes of the rest is what it would have made of the payload if each placeholder ended up where
//! base64 does, once, and nothing else was taken for base64: [`Cut::is_exact`]. For a span is the
//! whole content of a string in which nothing can be refused, and so is a placeholder; a reader that
//! only asks for its text does not tell them apart. No placeholder is part of a payload by chance:
//! nobody can foresee it, as a secret key is hashed with a number that is used once.

use std::hash::{BuildHasher, RandomState};
use std::mem;

use crate::limits::MIN_CUT;
use crate::spans::Span;

/// The hexadecimal digits of a placeholder: those that all of a payload share, and its number.
const NONCE: usize = 32;
const NUMBER: usize = 8;

/// A stream whose payloads are refused so many times in a row has others all along.
const MAX_REFUSALS: u8 = 4;

/// How a data URL begins, of which the base64 is not all.
const URL: &[u8] = b"data:";

/// What cuts the payloads of one stream.
#[derive(Default)]
pub(super) struct Cutter {
    secret: RandomState,
    count: u64,
    refusals: u8,
}

impl Cutter {
    /// The spans to cut out of a payload, of all of its spans; `None` if there are none.
    pub(super) fn cut(&mut self, spans: &[Span]) -> Option<Cut> {
        let long = spans.iter().filter(|span| span.len() >= MIN_CUT).copied();
        let spans: Vec<Span> = long.collect();
        if spans.is_empty() || self.refusals == MAX_REFUSALS {
            return None;
        }
        self.count += 1;
        let half = |number: u8| self.secret.hash_one((self.count, number));
        Some(Cut {
            nonce: format!("{:016x}{:016x}", half(0), half(1)),
            is_taken: vec![false; spans.len()],
            spans,
            has_others: false,
        })
    }

    /// Takes whether the payload that was cut last was read.
    pub(super) fn read(&mut self, is_read: bool) {
        self.refusals = if is_read { 0 } else { self.refusals + 1 };
    }
}

/// The spans that are cut out of one payload.
#[derive(Debug)]
pub struct Cut {
    nonce: String,
    spans: Vec<Span>,
    is_taken: Vec<bool>,
    has_others: bool,
}

impl Cut {
    /// The span that a text stands for. `None` for any other text, and for one that was taken
    /// before: then the cut is not exact any more.
    pub fn take(&mut self, text: &str) -> Option<Span> {
        let number = self.number(text);
        match number.map(|number| (number, mem::replace(&mut self.is_taken[number], true))) {
            Some((number, false)) => Some(self.spans[number]),
            _ => {
                self.has_others = true;
                None
            }
        }
    }

    /// Whether each placeholder was taken, once, and nothing else.
    pub fn is_exact(&self) -> bool {
        !self.has_others && self.is_taken.iter().all(|&is_taken| is_taken)
    }

    fn number(&self, text: &str) -> Option<usize> {
        let digits = text.strip_prefix(&self.nonce)?;
        let is_number =
            digits.len() == NUMBER && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = usize::from_str_radix(digits, 16).ok()?;
        (is_number && number < self.spans.len()).then_some(number)
    }

    /// The size of what [`Cut::write`] writes for a payload of `size` bytes.
    pub(super) fn size(&self, size: usize) -> usize {
        let cut: usize = self.spans.iter().map(Span::len).sum();
        size - cut + self.spans.len() * (NONCE + NUMBER)
    }

    /// Writes a payload that lies in these pieces, with placeholders. False if one may stand for a
    /// data URL.
    pub(super) fn write<'a>(
        &self,
        pieces: impl IntoIterator<Item = &'a [u8]>,
        out: &mut [u8],
    ) -> bool {
        let mut out = Writer(out);
        let mut spans = self.spans.iter().enumerate().peekable();
        let mut is_base64 = true;
        let mut start = 0;
        for piece in pieces {
            let end = start + piece.len();
            let mut at = start;
            while at < end {
                let from = at;
                match spans.peek() {
                    Some(&(number, span)) if from >= span.start => {
                        let text = &piece[from - start..];
                        if from == span.start {
                            is_base64 &= !URL.starts_with(&text[..text.len().min(URL.len())]);
                            out.write(self.nonce.as_bytes());
                            out.write(format!("{number:0NUMBER$x}").as_bytes());
                        }
                        at = span.end.min(end);
                        if at == span.end {
                            spans.next();
                        }
                    }
                    next => {
                        at = next.map_or(end, |(_, span)| span.start.min(end));
                        out.write(&piece[from - start..at - start]);
                    }
                }
            }
            start = end;
        }
        debug_assert!(out.0.is_empty());
        is_base64
    }
}

/// Writes from the beginning on.
struct Writer<'a>(&'a mut [u8]);

impl Writer<'_> {
    fn write(&mut self, bytes: &[u8]) {
        let (to, rest) = mem::take(&mut self.0).split_at_mut(bytes.len());
        to.copy_from_slice(bytes);
        self.0 = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The JSON of a payload in these pieces, and whether it may be read.
    fn written(cut: &Cut, pieces: &[&[u8]]) -> (String, bool) {
        let size = pieces.iter().map(|piece| piece.len()).sum();
        let mut out = vec![0; cut.size(size)];
        let is_base64 = cut.write(pieces.iter().copied(), &mut out);
        (String::from_utf8(out).unwrap(), is_base64)
    }

    fn placeholder(cut: &Cut, number: usize) -> String {
        format!("{}{number:08x}", cut.nonce)
    }

    #[test]
    fn pieces_may_end_anywhere() {
        let (text, other) = ("A".repeat(MIN_CUT), "B".repeat(MIN_CUT + 1));
        let payload = format!(r#"{{"a":"{text}","b":"{other}"}}"#);
        let starts = [text, other].map(|text| (payload.find(&text).unwrap(), text.len()));
        let spans = starts.map(|(start, size)| span(start, start + size));
        let cut = Cutter::default().cut(&spans).unwrap();
        let [a, b] = [0, 1].map(|number| placeholder(&cut, number));
        let expected = (format!(r#"{{"a":"{a}","b":"{b}"}}"#), true);
        for size in 1..payload.len() + 1 {
            let pieces: Vec<&[u8]> = payload.as_bytes().chunks(size).collect();
            assert_eq!(written(&cut, &pieces), expected);
        }
    }

    #[test]
    fn short_spans_are_not_cut() {
        assert!(Cutter::default().cut(&[]).is_none());
        assert!(Cutter::default().cut(&[span(0, MIN_CUT - 1)]).is_none());
        let cut = Cutter::default().cut(&[span(0, 1), span(2, MIN_CUT + 2)]);
        assert_eq!(cut.unwrap().spans, [span(2, MIN_CUT + 2)]);
    }

    #[test]
    fn data_urls_are_seen_in_any_pieces() {
        let payload = format!(r#""data:image/png;base64,{}""#, "A".repeat(MIN_CUT));
        let cut = Cutter::default().cut(&[span(1, payload.len() - 1)]);
        for size in 1..10 {
            let pieces: Vec<&[u8]> = payload.as_bytes().chunks(size).collect();
            assert!(!written(cut.as_ref().unwrap(), &pieces).1);
        }
    }

    #[test]
    fn a_cut_is_exact_if_each_is_taken_once() {
        let mut cutter = Cutter::default();
        let spans = [span(0, MIN_CUT), span(600, 600 + MIN_CUT)];
        let mut new = || cutter.cut(&spans).unwrap();
        let mut cut = new();
        assert!(!cut.is_exact());
        for number in [1, 0] {
            let text = placeholder(&cut, number);
            assert!(!cut.is_exact());
            assert_eq!(cut.take(&text), Some(spans[number]));
        }
        assert!(cut.is_exact());
        // A second time.
        let text = placeholder(&cut, 0);
        assert_eq!(cut.take(&text), None);
        assert!(!cut.is_exact());
        // Others, of which one is the first placeholder of another payload.
        for other in ["", "A", &text, &placeholder(&new(), 2), &new().nonce] {
            let mut cut = new();
            let (first, second) = (placeholder(&cut, 0), placeholder(&cut, 1));
            assert!(cut.take(&first).is_some() && cut.take(other).is_none());
            assert!(cut.take(&second).is_some() && !cut.is_exact());
        }
        // Digits that Rust takes, too.
        let mut cut = new();
        let text = format!("{}+0000000", cut.nonce);
        assert_eq!(cut.take(&text), None);
    }

    #[test]
    fn a_stream_that_is_refused_is_not_cut() {
        let mut cutter = Cutter::default();
        let spans = [span(0, MIN_CUT)];
        for is_read in [false, false, false, true, false, false, false, false] {
            assert!(cutter.cut(&spans).is_some());
            cutter.read(is_read);
        }
        assert!(cutter.cut(&spans).is_none());
    }
}
