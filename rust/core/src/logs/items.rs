//! The pieces of the items of a stream's output, put together from what its events add. The table
//! of the APIs lists their paths.

use std::collections::HashMap;

use crate::logs::apis::{Additions, CONTENT_INDEX, DELTA, How, INDEX, Leaf};
use crate::logs::fields::Fields;
use crate::logs::leaves::texts_of;
use crate::logs::lookup::{Lookup, ValueAt};
use crate::logs::slots::{Call, Slots};
use crate::logs::texts::{MAX_PARTS, MAX_TEXT, append};

/// Which piece of which item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Key {
    /// The type of the item; empty if the piece does not tell it.
    pub item: &'static str,
    /// What of the item it is.
    pub column: &'static str,
    /// The number of the item in the output, or of the answer whose item it is.
    pub number: Option<i64>,
    /// The id of the item, where it has no number.
    pub item_id: Option<Box<[u8]>>,
    /// The number of the part of the item, or of the item of its answer.
    pub part: i64,
}

/// A piece.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Which one it is.
    pub key: Key,
    /// Its text, in which a surrogate may wait for its other half: see
    /// [`crate::logs::texts::to_utf8`].
    pub text: Vec<u8>,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// The pieces, in the order in which they began.
    pub pieces: Vec<Piece>,
    /// Set once something was left out because of the limits.
    pub is_cut: bool,
    by_key: HashMap<Key, usize>,
    /// The piece that was added to last.
    recent: usize,
    size: usize,
    slots: Slots,
    /// By answer and type of item, from which of several sources its pieces are.
    sources: HashMap<(i64, &'static str), u8>,
    has_other_sources: bool,
}

/// An event, as far as it adds something.
pub struct Event<'a> {
    /// What was read of it.
    pub fields: &'a Fields,
    /// Its type.
    pub kind: &'a [u8],
    /// Its payload.
    pub lookup: Lookup<'a>,
}

/// Which item a value adds to.
#[derive(Clone, Default)]
struct Place {
    number: Option<i64>,
    item_id: Option<Box<[u8]>>,
    part: i64,
}

/// An answer, read once for all its items, of which there may be many.
#[derive(Clone, Copy)]
struct Answer {
    at: usize,
    number: i64,
}

impl Answer {
    fn read(lookup: Lookup<'_>, at: usize, scratch: &mut Vec<u8>) -> Self {
        let index = lookup.member(at, INDEX, scratch);
        Answer {
            at,
            number: index.and_then(|at| lookup.integer(at)).unwrap_or(0),
        }
    }
}

impl Items {
    /// Takes in what an event adds.
    pub fn add(&mut self, event: &Event<'_>, scratch: &mut Vec<u8>) {
        let Some(api) = event.fields.api() else {
            return;
        };
        let is_its = |type_: &&str| type_.as_bytes() == event.kind;
        for additions in api.additions {
            if additions.types.is_empty() || additions.types.iter().any(is_its) {
                if self.add_delta(event, additions, scratch).is_some() {
                    continue;
                }
                let lookup = event.lookup;
                let (mut keys, mut last) = (Vec::new(), None);
                lookup.each(lookup.root(), additions.path, &mut keys, &mut |found| {
                    if lookup.first_byte(found.at) != b'{' {
                        return;
                    }
                    let answer = found.element.map(|at| match last {
                        Some(answer @ Answer { at: start, .. }) if start == at => answer,
                        _ => Answer::read(lookup, at, scratch),
                    });
                    last = answer;
                    self.add_object(event, additions, found, answer, scratch);
                });
            }
        }
    }

    /// Most of what is added is a text that was read already.
    fn add_delta(
        &mut self,
        event: &Event<'_>,
        additions: &'static Additions,
        scratch: &mut Vec<u8>,
    ) -> Option<()> {
        let [leaf] = additions.leaves else {
            return None;
        };
        let is_delta = additions.path.is_empty()
            && leaf.how == How::Text
            && leaf.paths == [[DELTA]]
            && additions.part == [CONTENT_INDEX];
        let delta = event.fields.delta.as_ref().filter(|_| is_delta)?;
        let text = delta.wide(event.lookup.payload, scratch);
        if !text.is_empty() {
            let place = place_of_event(event, additions, &mut Vec::new());
            self.put(leaf, &place, additions.source, text);
        }
        Some(())
    }

    fn add_object(
        &mut self,
        event: &Event<'_>,
        additions: &'static Additions,
        found: ValueAt,
        answer: Option<Answer>,
        scratch: &mut Vec<u8>,
    ) {
        let mut item = None;
        let mut place = Place::default();
        for leaf in additions.leaves {
            for path in leaf.paths {
                let mut has_any = false;
                let lookup = event.lookup;
                let mut keys = Vec::new();
                lookup.each(found, path, &mut keys, &mut |value| {
                    texts_of(leaf, lookup, value.at, scratch, &mut |text, scratch| {
                        has_any = true;
                        if answer.is_some_and(|answer| self.is_said(additions, leaf, answer)) {
                            return;
                        }
                        if item.is_none() || additions.runs && item != Some(leaf.item) {
                            place = self.place(event, additions, leaf, found, answer, scratch);
                            item = Some(leaf.item);
                        }
                        self.put(leaf, &place, additions.source, text);
                    });
                });
                if has_any {
                    break;
                }
            }
        }
    }

    fn place(
        &mut self,
        event: &Event<'_>,
        additions: &'static Additions,
        leaf: &'static Leaf,
        found: ValueAt,
        answer: Option<Answer>,
        scratch: &mut Vec<u8>,
    ) -> Place {
        let lookup = event.lookup;
        let Some(answer) = answer else {
            return place_of_event(event, additions, scratch);
        };
        if additions.lists_items {
            let slot = self.slot(lookup, additions, leaf, found.at, 0, scratch);
            let has_answers = event.fields.api().is_some_and(|api| api.has_chunks);
            let (number, part) = if has_answers { (0, slot) } else { (slot, 0) };
            return Place {
                number: Some(number),
                item_id: None,
                part,
            };
        }
        let part = match found.is_nested {
            true => self.slot(lookup, additions, leaf, found.at, answer.number, scratch),
            false => 0,
        };
        Place {
            number: Some(answer.number),
            item_id: None,
            part,
        }
    }

    /// Whether another source says the same of an answer.
    fn is_said(&self, additions: &Additions, leaf: &Leaf, answer: Answer) -> bool {
        if additions.source == 0 && !self.has_other_sources {
            return false;
        }
        let known = self.sources.get(&(answer.number, leaf.item));
        known.is_some_and(|known| *known != additions.source)
    }

    /// The number of an item of an answer.
    fn slot(
        &mut self,
        lookup: Lookup<'_>,
        additions: &'static Additions,
        leaf: &'static Leaf,
        at: usize,
        answer: i64,
        scratch: &mut Vec<u8>,
    ) -> i64 {
        if additions.runs {
            let is_text = matches!(leaf.how, How::Text | How::Thought);
            let slot = self.slots.of_run(answer, leaf.item, is_text);
            self.is_cut |= self.slots.are_full();
            return slot;
        }
        let mut text_at = |path: &[&str]| {
            let at = lookup.value(at, path, scratch)?;
            let text = lookup.text(at)?;
            let text = text.unescaped(lookup.payload, scratch);
            (!text.is_empty()).then(|| Box::<[u8]>::from(text))
        };
        let call = Call {
            id: text_at(additions.id),
            has_name: additions.names.iter().any(|path| text_at(path).is_some()),
            index: lookup
                .member(at, INDEX, scratch)
                .and_then(|at| lookup.integer(at)),
        };
        self.size += self.slots.id_len(answer, &call);
        let slot = self.slots.of_call(answer, call);
        self.is_cut |= self.size > MAX_TEXT || self.slots.are_full();
        slot
    }

    /// Adds a text to a piece.
    fn put(&mut self, leaf: &'static Leaf, place: &Place, source: u8, text: &[u8]) {
        if self.is_cut {
            return;
        }
        let is_it = |key: &Key| {
            key.item == leaf.item
                && key.column == leaf.column
                && key.number == place.number
                && key.part == place.part
                && key.item_id == place.item_id
        };
        let recent = self.pieces.get(self.recent);
        if !recent.is_some_and(|piece| is_it(&piece.key)) {
            let key = Key {
                item: leaf.item,
                column: leaf.column,
                number: place.number,
                item_id: place.item_id.clone(),
                part: place.part,
            };
            match self.by_key.get(&key) {
                Some(&at) => self.recent = at,
                None => return self.begin(key, source, text),
            }
        }
        let piece = &mut self.pieces[self.recent].text;
        let replaced = match leaf.how {
            How::First | How::Mark | How::Link => return,
            How::Whole => piece.len(),
            How::Text | How::Thought | How::Json => 0,
        };
        let size = self.size + text.len() - replaced;
        if size > MAX_TEXT {
            self.is_cut = true;
            return;
        }
        self.size = size;
        match leaf.how {
            How::Whole => *piece = text.to_vec(),
            _ => append(piece, text),
        }
    }

    fn begin(&mut self, key: Key, source: u8, text: &[u8]) {
        let id_len = key.item_id.as_ref().map_or(0, |id| id.len());
        let size = self.size + text.len() + id_len;
        if size > MAX_TEXT || self.pieces.len() == MAX_PARTS {
            self.is_cut = true;
            return;
        }
        self.size = size;
        self.recent = self.pieces.len();
        if let Some(answer) = key.number {
            self.sources.entry((answer, key.item)).or_insert(source);
            self.has_other_sources |= source != 0;
        }
        self.by_key.insert(key.clone(), self.recent);
        let text = text.to_vec();
        self.pieces.push(Piece { key, text });
    }
}

/// The item that a value adds to which is not in a list.
fn place_of_event(event: &Event<'_>, additions: &Additions, scratch: &mut Vec<u8>) -> Place {
    if additions.is_only {
        return Place {
            number: Some(0),
            ..Place::default()
        };
    }
    let (fields, lookup) = (event.fields, event.lookup);
    let part = if additions.part == [CONTENT_INDEX] {
        fields.numbers.content_index
    } else {
        let at = lookup.value(lookup.root().at, additions.part, scratch);
        at.and_then(|at| lookup.integer(at))
    };
    let number = fields.numbers.item();
    let id = fields.item_id.as_ref().filter(|_| number.is_none());
    let id = id.map(|id| Box::<[u8]>::from(id.unescaped(lookup.payload, scratch)));
    let id = id.filter(|id| !id.is_empty());
    Place {
        number: number.or(if id.is_none() { Some(0) } else { None }),
        item_id: id,
        part: part.unwrap_or(0),
    }
}
