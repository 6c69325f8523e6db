//! JSON, checked and stepped over: which bytes are one value (RFC 8259), and where strings lie.
//!
//! What is accepted is what Python's `json.loads` accepts, because the SDKs read events with it:
//! besides the grammar `NaN`, `Infinity` and `-Infinity`, surrogates that are not paired, and floats
//! out of range, of which [`Cursor::is_standard`] tells. An integer takes at most 4,300 bytes, and
//! every string is UTF-8. Strings that are known to be clean are jumped over: see
//! [`crate::spans`].

use std::ops::Range;

use crate::clean::{clean_len, quote_or_escape};
use crate::spans::Span;

/// Arrays and objects may be nested this deep.
pub const MAX_DEPTH: usize = 128;
/// An integer may take so many bytes, its sign among them.
const MAX_INTEGER: usize = 4300;

/// The first thing that is wrong with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It is no JSON.
    Json,
    /// An array or object is nested too deep.
    Depth,
}

/// The content of a string, without its quotes, as it stands in the payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Where it lies.
    pub range: Range<usize>,
    /// Whether anything in it is escaped.
    pub has_escapes: bool,
}

impl Text {
    /// The text itself, which `scratch` holds where it was escaped. U+FFFD stands for a surrogate
    /// that is not paired.
    pub fn unescaped<'a>(&self, payload: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
        self.written(payload, scratch, REPLACED)
    }

    /// The text itself, in which a surrogate that is not paired is kept, as WTF-8 writes it.
    pub fn wide<'a>(&self, payload: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
        self.written(payload, scratch, |unit| {
            [
                0xED,
                0x80 | (unit >> 6 & 0x3F) as u8,
                0x80 | (unit & 0x3F) as u8,
            ]
        })
    }

    #[inline(always)]
    fn written<'a>(
        &self,
        payload: &'a [u8],
        scratch: &'a mut Vec<u8>,
        surrogate: fn(u16) -> [u8; 3],
    ) -> &'a [u8] {
        let raw = &payload[self.range.clone()];
        if !self.has_escapes {
            return raw;
        }
        scratch.clear();
        unescape(raw, scratch, surrogate);
        scratch
    }

    /// Appends the text itself, as [`Text::unescaped`] gives it.
    pub fn unescape_into(&self, payload: &[u8], out: &mut Vec<u8>) {
        unescape(&payload[self.range.clone()], out, REPLACED);
    }
}

/// U+FFFD for any surrogate.
const REPLACED: fn(u16) -> [u8; 3] = |_| [0xEF, 0xBF, 0xBD];

/// A place in a payload.
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The clean strings ahead, in their order.
    clean: &'a [Span],
    depth: usize,
    is_standard: bool,
}

impl<'a> Cursor<'a> {
    /// The start of a payload, of which some strings are known to be clean.
    pub fn new(bytes: &'a [u8], clean: &'a [Span]) -> Self {
        Cursor::inside(bytes, 0, clean, 0)
    }

    /// A place within so many arrays and objects; no clean string begins before it.
    #[inline(always)]
    pub fn inside(bytes: &'a [u8], at: usize, clean: &'a [Span], depth: usize) -> Self {
        Cursor {
            bytes,
            at,
            clean,
            depth,
            is_standard: true,
        }
    }

    /// Whether all so far is JSON by RFC 8259, in the range that is read.
    #[inline(always)]
    pub fn is_standard(&self) -> bool {
        self.is_standard
    }

    /// The index of the next byte.
    #[inline(always)]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next byte.
    #[inline(always)]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Moves past white space.
    #[inline(always)]
    pub fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Moves past `byte`, if it is the next.
    #[inline(always)]
    pub fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Moves past `literal`, if it comes next.
    #[inline(always)]
    pub fn takes_all(&mut self, literal: &[u8]) -> bool {
        let comes = self.bytes[self.at..].starts_with(literal);
        self.at += if comes { literal.len() } else { 0 };
        comes
    }

    /// Moves past white space that must be all that is left.
    #[inline(always)]
    pub fn end(&mut self) -> Result<(), Invalid> {
        self.space();
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Invalid::Json)
        }
    }

    /// Moves past a value of any kind.
    pub fn skip_value(&mut self) -> Result<(), Invalid> {
        match self.peek() {
            Some(b'"') => self.skip_string().map(drop),
            Some(b'{') => self.object(|cursor, _| cursor.skip_value()),
            Some(b'[') => self.array(Cursor::skip_value),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ if self.takes_all(b"true") || self.takes_all(b"false") || self.takes_all(b"null") => {
                Ok(())
            }
            _ if self.takes_all(b"NaN") || self.takes_all(b"Infinity") => {
                self.is_standard = false;
                Ok(())
            }
            _ => Err(Invalid::Json),
        }
    }

    /// Moves past an object. `member` is called with each key, at its value, which it moves past.
    #[inline]
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, &Text) -> Result<(), Invalid>,
    ) -> Result<(), Invalid> {
        self.open(b'{')?;
        if self.takes(b'}') {
            return self.close();
        }
        loop {
            let key = self.key()?;
            member(self, &key)?;
            self.space();
            if self.takes(b'}') {
                return self.close();
            }
            if !self.takes(b',') {
                return Err(Invalid::Json);
            }
            self.space();
        }
    }

    /// Moves past an array. `element` is called at each of its values, which it moves past.
    #[inline]
    pub fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Invalid>,
    ) -> Result<(), Invalid> {
        self.open(b'[')?;
        if self.takes(b']') {
            return self.close();
        }
        loop {
            element(self)?;
            self.space();
            if self.takes(b']') {
                return self.close();
            }
            if !self.takes(b',') {
                return Err(Invalid::Json);
            }
            self.space();
        }
    }

    fn open(&mut self, bracket: u8) -> Result<(), Invalid> {
        if !self.takes(bracket) {
            return Err(Invalid::Json);
        }
        if self.depth == MAX_DEPTH {
            return Err(Invalid::Depth);
        }
        self.depth += 1;
        self.space();
        Ok(())
    }

    fn close(&mut self) -> Result<(), Invalid> {
        self.depth -= 1;
        Ok(())
    }

    /// Moves past a key, its colon and the white space after it.
    #[inline(always)]
    pub fn key(&mut self) -> Result<Text, Invalid> {
        let key = self.string()?;
        self.space();
        if !self.takes(b':') {
            return Err(Invalid::Json);
        }
        self.space();
        Ok(key)
    }

    /// Moves past a string.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Text, Invalid> {
        let start = self.at + 1;
        let has_escapes = self.skip_string()?;
        Ok(Text {
            range: start..self.at - 1,
            has_escapes,
        })
    }

    /// Moves past a string, and tells whether anything in it is escaped.
    #[inline(always)]
    fn skip_string(&mut self) -> Result<bool, Invalid> {
        if !self.takes(b'"') {
            return Err(Invalid::Json);
        }
        let start = self.at;
        if let Some(end) = self.known_end(start) {
            self.at = end;
        } else {
            self.at += clean_len(&self.bytes[start..]);
        }
        if self.takes(b'"') {
            return Ok(false);
        }
        self.rest_of_string(start)
    }

    /// Where the clean string at `start` ends, if it is known.
    #[inline(always)]
    fn known_end(&mut self, start: usize) -> Option<usize> {
        while let [first, rest @ ..] = self.clean {
            if first.start > start {
                return None;
            }
            self.clean = rest;
            if first.start == start {
                return Some(first.end);
            }
        }
        None
    }

    /// A string that is not clean, from the first byte that is not.
    #[cold]
    fn rest_of_string(&mut self, start: usize) -> Result<bool, Invalid> {
        let mut has_escapes = false;
        loop {
            let rest = &self.bytes[self.at..];
            self.at += quote_or_escape(rest).ok_or(Invalid::Json)?;
            if self.bytes[self.at] == b'"' {
                break;
            }
            has_escapes = true;
            self.escape()?;
        }
        let content = &self.bytes[start..self.at];
        self.at += 1;
        // No early exit, so that the compiler makes vector instructions of it.
        let (is_plain, is_ascii) = content.iter().fold((true, true), |(plain, ascii), &byte| {
            (plain & (byte >= 0x20), ascii & (byte < 0x80))
        });
        if !is_plain || !is_ascii && simdutf8::basic::from_utf8(content).is_err() {
            return Err(Invalid::Json);
        }
        Ok(has_escapes)
    }

    fn escape(&mut self) -> Result<(), Invalid> {
        let escaped = self.bytes.get(self.at + 1);
        self.at += 2;
        match escaped {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                match self.code_unit()? {
                    0xD800..0xDC00 if self.takes_low_surrogate()? => {}
                    0xD800..0xE000 => self.is_standard = false,
                    _ => {}
                }
                Ok(())
            }
            _ => Err(Invalid::Json),
        }
    }

    /// Moves past the escaped second half of a pair of surrogates, if it comes next.
    fn takes_low_surrogate(&mut self) -> Result<bool, Invalid> {
        let start = self.at;
        let is_low = self.takes_all(b"\\u") && (0xDC00..0xE000).contains(&self.code_unit()?);
        if !is_low {
            self.at = start;
        }
        Ok(is_low)
    }

    fn code_unit(&mut self) -> Result<u16, Invalid> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(Invalid::Json)?;
        self.at += 4;
        hex(digits).ok_or(Invalid::Json)
    }

    /// Moves past a number: its value, if it is an integer in the range of `i64`.
    #[inline(always)]
    pub fn number(&mut self) -> Result<Option<i64>, Invalid> {
        let start = self.at;
        let is_negative = self.takes(b'-');
        let digits = self.at;
        let mut value: u64 = 0;
        // Eighteen digits fit in any case.
        while let Some(byte @ b'0'..=b'9') = self.peek()
            && self.at - digits < 18
        {
            value = value * 10 + u64::from(byte - b'0');
            self.at += 1;
        }
        match (self.at - digits, self.peek()) {
            (0, _) | (18, _) | (_, Some(b'.' | b'e' | b'E')) => self.long_number(start, digits),
            (2.., _) if self.bytes[digits] == b'0' => Err(Invalid::Json),
            _ if is_negative => Ok(Some(-(value as i64))),
            _ => Ok(Some(value as i64)),
        }
    }

    #[cold]
    fn long_number(&mut self, start: usize, digits: usize) -> Result<Option<i64>, Invalid> {
        self.at = digits;
        if start < digits && self.takes_all(b"Infinity") {
            self.is_standard = false;
            return Ok(None);
        }
        let integer = self.digits()?;
        if integer > 1 && self.bytes[digits] == b'0' {
            return Err(Invalid::Json);
        }
        let mut is_float = false;
        if self.takes(b'.') {
            is_float = true;
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            is_float = true;
            if !self.takes(b'+') {
                self.takes(b'-');
            }
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).map_err(|_| Invalid::Json)?;
        if is_float {
            let value: f64 = text.parse().map_err(|_| Invalid::Json)?;
            self.is_standard &= value.is_finite();
            return Ok(None);
        }
        if self.at - start > MAX_INTEGER {
            return Err(Invalid::Json);
        }
        Ok(text.parse().ok())
    }

    /// Moves past the digits, of which there is at least one, and counts them.
    fn digits(&mut self) -> Result<usize, Invalid> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.at - start {
            0 => Err(Invalid::Json),
            count => Ok(count),
        }
    }
}

fn hex(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |unit, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(unit << 4 | digit as u16)
    })
}

/// Appends a string's text; `raw` is the content of one that was checked, and `surrogate` writes one
/// that is not paired.
fn unescape(mut raw: &[u8], out: &mut Vec<u8>, surrogate: fn(u16) -> [u8; 3]) {
    while let Some(at) = memchr::memchr(b'\\', raw) {
        out.extend_from_slice(&raw[..at]);
        raw = &raw[at + 1..];
        let (character, len) = match raw[0] {
            b'b' => ('\u{8}', 1),
            b'f' => ('\u{c}', 1),
            b'n' => ('\n', 1),
            b'r' => ('\r', 1),
            b't' => ('\t', 1),
            b'u' => match code_point(raw) {
                Ok(found) => found,
                Err(unit) => {
                    out.extend_from_slice(&surrogate(unit));
                    raw = &raw[5..];
                    continue;
                }
            },
            byte => (char::from(byte), 1),
        };
        raw = &raw[len..];
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.extend_from_slice(raw);
}

/// The character of `uXXXX`, or of the two that stand for a pair of surrogates, and their length;
/// or the surrogate that is not paired.
fn code_point(raw: &[u8]) -> Result<(char, usize), u16> {
    let unit = |at: usize| raw.get(at..at + 4).and_then(hex).unwrap_or_default();
    let first = unit(1);
    if !(0xD800..0xE000).contains(&first) {
        return Ok((char::from_u32(u32::from(first)).unwrap_or_default(), 5));
    }
    let is_escaped = raw.get(5..7) == Some(b"\\u");
    let second = if is_escaped { unit(7) } else { 0 };
    match (first, second) {
        (0xD800..0xDC00, 0xDC00..0xE000) => {
            let pair = 0x10000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(second) - 0xDC00);
            Ok((char::from_u32(pair).unwrap_or_default(), 11))
        }
        _ => Err(first),
    }
}
