//! JSON, checked and stepped over: which bytes are one value (RFC 8259), and where strings lie.
//!
//! What is accepted is what Python's `json.loads` accepts, because the SDKs read events with it:
//! besides the grammar `NaN`, `Infinity` and `-Infinity`, surrogates that are not paired, and floats
//! out of range, of which [`Cursor::is_standard`] tells. An integer takes at most 4,300 bytes, and
//! every string is UTF-8. Strings that are known to be clean are jumped over: see
//! [`crate::spans`].
//!
//! Objects and arrays are here, `strings` and `numbers` beside them, and `text` is what a string
//! says.

mod numbers;
mod strings;
mod text;

pub use self::text::Text;
use crate::spans::Span;

/// Arrays and objects may be nested this deep.
pub const MAX_DEPTH: usize = 128;

/// The first thing that is wrong with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It is no JSON.
    Json,
    /// An array or object is nested too deep.
    Depth,
}

/// A place in a payload.
#[derive(Clone)]
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

    /// Calls a function that is not inlined with a copy, and goes on where it came to: a cursor that
    /// a function is given by reference lies in memory from its beginning.
    #[inline(always)]
    pub fn with_copy<T>(&mut self, call: impl FnOnce(&mut Self) -> T) -> T {
        let mut copy = self.clone();
        let result = call(&mut copy);
        *self = copy;
        result
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
}
