//! The name of an event: that of its `event` line, else its payload's `type`, else `message`.

use crate::logs::fields::Fields;

/// The name that the last `event` line gave, as text: most events have that of the one before.
#[derive(Debug, Default)]
pub struct LastName {
    raw: Vec<u8>,
    text: Vec<u8>,
    /// Whether the last event was a whole one, or like one, and had this name, which was not empty.
    pub is_repeated: bool,
    scratch: Vec<u8>,
}

impl LastName {
    /// The text of the last name.
    #[inline(always)]
    pub fn last(&self) -> &[u8] {
        &self.text
    }

    /// The text of a name, and its last one from now on.
    #[inline(always)]
    pub fn of(&mut self, raw: &[u8]) -> &[u8] {
        if self.raw != raw {
            self.raw = raw.to_vec();
            self.text = String::from_utf8_lossy(raw).into_owned().into_bytes();
        }
        &self.text
    }

    /// The name of an event whose `event` line, if it has one, has the value `raw`.
    #[inline(always)]
    pub fn of_event<'a>(&'a mut self, raw: &[u8], payload: &'a [u8], fields: &Fields) -> &'a [u8] {
        self.of(raw);
        if !self.text.is_empty() {
            return &self.text;
        }
        match &fields.type_ {
            Some(type_) if !type_.range.is_empty() => type_.unescaped(payload, &mut self.scratch),
            _ => b"message",
        }
    }
}
