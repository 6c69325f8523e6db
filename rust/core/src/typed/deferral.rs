//! Payloads that are deferred for the bytes in them.

use memchr::memmem::Finder;

/// The bytes that defer a payload, if any do.
pub(super) struct Deferral {
    /// Boxed: it is aligned to 32 bytes, and Python aligns its objects to 16.
    finder: Option<Box<Finder<'static>>>,
}

impl Deferral {
    pub(super) fn new(bytes: Option<&[u8]>) -> Self {
        let finder = |bytes| Box::new(Finder::new(bytes).into_owned());
        Deferral {
            finder: bytes.map(finder),
        }
    }

    /// Whether a payload contains them.
    #[inline(always)]
    pub(super) fn is_due(&self, payload: &[u8]) -> bool {
        let finder = self.finder.as_deref();
        finder.is_some_and(|finder| finder.find(payload).is_some())
    }
}
