//! Evidence: what the chunks of a response tell about where the next one begins.
//!
//! An id that differs is weak evidence: some servers make up one for each chunk, and some give
//! every response the same. What an answer does is stronger: its role comes once, and
//! nothing but a count of tokens comes after its end. Where answers have no roles, an id is all
//! there is.

use std::collections::HashMap;

use crate::logs::answers::{Answer, Finish};
use crate::logs::fields::Fields;
use crate::logs::roles::ApiRef;
use crate::logs::texts::MAX_PARTS;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The id of the last event that had one.
    last_id: Option<Vec<u8>>,
    /// Whether an event had the id of the one before it.
    repeats_id: bool,
    /// Whether an event had another id than the one before it.
    changes_id: bool,
    /// Whether an answer got its role again.
    repeats_role: bool,
    /// The answers, and whether each has finished.
    answers: HashMap<Option<i64>, bool>,
    has_finished: bool,
}

impl Evidence {
    /// Whether ids have told nothing yet, or differ within the response.
    fn has_weak_ids(&self) -> bool {
        self.changes_id || !self.repeats_id
    }

    /// Whether ids differ within the response.
    pub fn changes_id(&self) -> bool {
        self.changes_id
    }

    /// Whether all has come: each answer that has begun is finished, or what is said of all of them.
    pub fn is_finished(&self) -> bool {
        let mut answers = self.answers.iter();
        self.has_finished
            && (self.answers.get(&None) == Some(&true)
                || answers.all(|(index, is_finished)| index.is_none() || *is_finished))
    }

    fn has_finished(&self, answer: &Answer) -> bool {
        self.has_finished && self.answers.get(&answer.index) == Some(&true)
    }

    /// Whether a chunk is the first of another response; `id` is its id, if it has one.
    pub fn is_left_by(&self, api: ApiRef, fields: &Fields, id: Option<&[u8]>) -> bool {
        let answers = || fields.answers.of(api.heads);
        let is_empty = !fields.answers.have_text(api.heads)
            && answers().all(|answer| answer.finish == Finish::No && !answer.has_content());
        let is_usage = fields.has_usage() && is_empty;
        let is_other = match (id, &self.last_id) {
            (Some(id), Some(last)) => id != last,
            _ => false,
        };
        if !is_other {
            let restarts = |answer: &Answer| {
                answer.finish == Finish::No
                    && (answer.has_role || !api.has_roles)
                    && self.has_finished(answer)
            };
            return !is_usage && answers().any(restarts);
        }
        if is_usage && (self.has_weak_ids() || answers().next().is_none()) {
            return false;
        }
        if answers().next().is_none() {
            return !self.has_weak_ids();
        }
        if !api.has_roles {
            return true;
        }
        if self.has_finished {
            return !answers().all(|answer| self.answers.get(&answer.index) == Some(&false));
        }
        if !self.has_weak_ids() {
            return true;
        }
        !self.repeats_role && answers().any(|answer| answer.has_role)
    }

    /// Takes in an event of the response.
    pub fn add(&mut self, api: ApiRef, fields: &Fields, id: Option<&[u8]>) {
        if let Some(id) = id {
            match &mut self.last_id {
                Some(last) if last == id => self.repeats_id = true,
                Some(last) => {
                    self.changes_id = true;
                    last.clear();
                    last.extend_from_slice(id);
                }
                None => self.last_id = Some(id.to_vec()),
            }
        }
        for answer in fields.answers.of(api.heads) {
            let is_finished = answer.finish == Finish::Complete;
            self.has_finished |= is_finished;
            if let Some(known) = self.answers.get_mut(&answer.index) {
                *known |= is_finished;
                self.repeats_role |= answer.has_role;
            } else if self.answers.len() < MAX_PARTS {
                self.answers.insert(answer.index, is_finished);
            }
        }
    }
}
