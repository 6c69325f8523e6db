//! Answers: what an event adds to the answers of its response. [`crate::logs::heads`] reads it.

use crate::json::Text;

/// Whether an answer ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// It goes on.
    #[default]
    No,
    /// It is complete.
    Complete,
    /// It ends because something failed.
    Failed,
}

/// What an event says of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The number of the head that says it.
    pub head: u8,
    /// The answer's number, where the head holds several: 0 where that is lacking.
    pub index: Option<i64>,
    /// Whether it ends.
    pub finish: Finish,
    /// Whether it has a role, as the first chunk has.
    pub has_role: bool,
    /// At which of the paths to its texts there is an object that is not empty, a bit each.
    pub(super) content: u32,
}

impl Answer {
    /// Whether it has something beside strings where its text lies.
    pub fn has_content(&self) -> bool {
        self.content != 0
    }
}

/// A text that an event adds to an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// See [`Answer`].
    pub head: u8,
    /// See [`Answer`].
    pub index: Option<i64>,
    /// The text.
    pub text: Text,
    /// The number of the path at which it lies, among those to the texts.
    pub path: u8,
}

/// What an event adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Which of [`crate::logs::apis::HEADS`] are there, a bit each.
    pub heads: u32,
    /// What they say.
    pub each: Vec<Answer>,
    /// The texts, those of one answer in their order.
    pub texts: Vec<Addition>,
}

impl Answers {
    /// Whether the event has this head.
    pub fn has(&self, number: usize) -> bool {
        self.heads >> number & 1 == 1
    }

    /// Those of an API with these heads, a bit each.
    pub fn of(&self, heads: u32) -> impl Iterator<Item = &Answer> {
        self.each
            .iter()
            .filter(move |answer| heads >> answer.head & 1 == 1)
    }

    /// The texts of this head.
    pub fn texts_of(&self, head: u32) -> impl Iterator<Item = &Addition> {
        self.texts
            .iter()
            .filter(move |text| u32::from(text.head) == head)
    }

    /// Whether these heads add a text that is not empty.
    pub fn have_text(&self, heads: u32) -> bool {
        let mut texts = self.texts.iter();
        texts.any(|text| heads >> text.head & 1 == 1 && !text.text.range.is_empty())
    }

    /// Forgets what this head said: its value is read again.
    pub fn forget(&mut self, head: u8) {
        if self.heads >> head & 1 == 1 {
            self.heads &= !(1 << head);
            self.each.retain(|answer| answer.head != head);
            self.texts.retain(|text| text.head != head);
        }
    }
}
