//! Strings: where they end, and whether what is in them is valid.

use super::text::hex;
use super::{Cursor, Invalid, Text};
use crate::clean::{clean_len, quote_or_escape, short_run};

impl Cursor<'_> {
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
    pub(super) fn skip_string(&mut self) -> Result<bool, Invalid> {
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
        self.with_copy(|cursor| cursor.rest_of_string(start))
    }

    /// The end of the clean string at `start`, if it was found before.
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
        // Most are short. What lies between two escapes is UTF-8 by itself.
        while let Some(run) = short_run(&self.bytes[self.at..]) {
            let rest = &self.bytes[self.at..];
            let beyond_ascii = &rest[run.beyond_ascii];
            if run.has_control
                || !beyond_ascii.is_empty() && std::str::from_utf8(beyond_ascii).is_err()
            {
                return Err(Invalid::Json);
            }
            self.at += run.len;
            if self.takes(b'"') {
                return Ok(has_escapes);
            }
            has_escapes = true;
            self.escape()?;
        }
        self.rest_of_long_string(start, has_escapes)
    }

    fn rest_of_long_string(
        &mut self,
        start: usize,
        mut has_escapes: bool,
    ) -> Result<bool, Invalid> {
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
}
