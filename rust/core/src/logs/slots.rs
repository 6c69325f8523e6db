//! Slots: the numbers of the items of an answer, where events do not number them, or number several
//! alike.

use std::collections::HashMap;

use crate::logs::texts::MAX_PARTS;

/// What an event says of a call: which one it is.
#[derive(Debug)]
pub struct Call {
    /// Its number, which several calls may have.
    pub index: Option<i64>,
    /// Its id: some servers make up another one for each event.
    pub id: Option<Box<[u8]>>,
    /// Whether it has a name, as the first event of a call has.
    pub has_name: bool,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    /// Of each answer the last item of those that follow each other.
    runs: HashMap<i64, (i64, &'static str)>,
    calls: HashMap<i64, Calls>,
    /// The calls of all answers.
    count: usize,
}

/// The calls of an answer.
#[derive(Clone, Debug, Default)]
struct Calls {
    next: i64,
    last: Option<Slot>,
    /// The last one with each index.
    by_index: HashMap<i64, Slot>,
    by_id: HashMap<(Option<i64>, Box<[u8]>), i64>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    number: i64,
    has_id: bool,
}

impl Slots {
    /// Whether there are so many that no more are to be told apart.
    pub fn are_full(&self) -> bool {
        self.runs.len() > MAX_PARTS || self.count > MAX_PARTS
    }

    /// The slot of an item that goes on if it is a text and the last one is as well.
    pub fn of_run(&mut self, answer: i64, item: &'static str, is_text: bool) -> i64 {
        let next = match self.runs.get(&answer) {
            Some(&(slot, last)) if is_text && last == item => slot,
            Some(&(slot, _)) => slot + 1,
            None => 0,
        };
        self.runs.insert(answer, (next, item));
        next
    }

    /// How many bytes are kept of a call's id.
    pub fn id_len(&self, answer: i64, call: &Call) -> usize {
        let Some(id) = &call.id else { return 0 };
        let calls = self.calls.get(&answer);
        match calls.and_then(|calls| calls.place(call)) {
            Some(slot) if slot.has_id => 0,
            _ => id.len(),
        }
    }

    /// The slot of a call.
    pub fn of_call(&mut self, answer: i64, call: Call) -> i64 {
        let calls = self.calls.entry(answer).or_default();
        let known = calls.place(&call);
        let mut slot = known.unwrap_or(Slot {
            number: calls.next,
            has_id: false,
        });
        if known.is_none() {
            calls.next += 1;
            self.count += 1;
        }
        if let Some(id) = call.id
            && !slot.has_id
        {
            calls.by_id.insert((call.index, id), slot.number);
            slot.has_id = true;
        }
        if let Some(index) = call.index {
            calls.by_index.insert(index, slot);
        }
        calls.last = Some(slot);
        slot.number
    }
}

impl Calls {
    /// Where a call was met before; `None` if another one begins.
    fn place(&self, call: &Call) -> Option<Slot> {
        let current = match call.index {
            Some(index) => self.by_index.get(&index).copied(),
            None => self.last,
        };
        let Some(id) = &call.id else {
            return current.filter(|_| call.index.is_some() || !call.has_name);
        };
        if let Some(&number) = self.by_id.get(&(call.index, id.clone())) {
            return Some(Slot {
                number,
                has_id: true,
            });
        }
        // Where ids change from event to event, only the first one has a name.
        current.filter(|slot| call.index.is_some() && !(slot.has_id && call.has_name))
    }
}
