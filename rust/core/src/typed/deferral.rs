//! Payloads that are deferred for the bytes in them.

use memchr::memmem::Finder;

use crate::limits::MIN_CUT;

/// The bytes that defer a payload, if any do.
pub(super) struct Deferral {
    /// Boxed: it is aligned to 32 bytes, and Python aligns its objects to 16.
    finder: Option<Box<Finder<'static>>>,
    is_quoted: bool,
}

impl Deferral {
    pub(super) fn new(bytes: Option<&[u8]>) -> Self {
        let finder = |bytes| Box::new(Finder::new(bytes).into_owned());
        Deferral {
            finder: bytes.map(finder),
            is_quoted: bytes.is_none_or(is_quoted),
        }
    }

    /// Whether a payload contains them if and only if it does so without the text of its long
    /// strings: there are none, or they begin and end with quotes. No quote lies within a string, and
    /// one of which these are the quotes is not long.
    pub(super) fn is_due_without_strings(&self) -> bool {
        self.is_quoted
    }

    /// Whether a payload contains them.
    #[inline(always)]
    pub(super) fn is_due(&self, payload: &[u8]) -> bool {
        let finder = self.finder.as_deref();
        finder.is_some_and(|finder| finder.find(payload).is_some())
    }
}

fn is_quoted(bytes: &[u8]) -> bool {
    (2..MIN_CUT).contains(&bytes.len()) && bytes.starts_with(b"\"") && bytes.ends_with(b"\"")
}
