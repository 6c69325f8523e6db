//! Numbers: the grammar of RFC 8259, section 6, and what Python's `json` adds to it.

use super::{Cursor, Invalid};

/// An integer may take so many bytes, its sign among them.
const MAX_INTEGER: usize = 4300;

impl Cursor<'_> {
    /// Moves past a number: its value, if it is an integer in the range of `i64`.
    #[inline(always)]
    pub fn number(&mut self) -> Result<Option<i64>, Invalid> {
        let start = self.at;
        let is_negative = self.takes(b'-');
        let digits = self.at;
        let (mut value, mut len) = (0u64, 0);
        let ahead = self.bytes.get(digits..).unwrap_or_default();
        // Eighteen digits fit in any case.
        for byte in ahead.iter().take(18) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value * 10 + u64::from(digit);
            len += 1;
        }
        self.at += len;
        match (len, self.peek()) {
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
