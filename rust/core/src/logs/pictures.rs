//! The pictures of an event, wherever they lie: in the members that an API has for them, in data
//! URLs, and in objects that give their media type.
//!
//! What is found is what the pure engine's `_pictures.py` finds, in the same order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::json::{Cursor, Invalid, Text};
use crate::logs::apis::{
    IMAGE_DATA, IMAGE_FIELDS, IMAGE_ITEMS, IMAGE_MEDIA, IMAGE_URL, ITEM_ID, MEDIA_TYPES,
    PARTIAL_FIELDS, PARTIAL_IMAGES, PARTIAL_INDEX,
};
use crate::logs::lookup::Lookup;
use crate::logs::values::integer;

/// Base64 in an event.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The id of the item that it belongs to.
    pub item_id: Option<Box<[u8]>>,
    /// Whether it is a partial image, and its number among those of the item.
    pub is_partial: bool,
    /// See `is_partial`.
    pub number: Option<i64>,
    /// Its text in the payload: base64, or a data URL of it.
    pub range: Range<usize>,
    /// The text itself, if anything in it is escaped.
    pub unescaped: Option<Box<[u8]>>,
    /// Pictures with the same number are the same text, unless it is 0.
    pub content: u32,
}

/// A data URL says within so many characters what it is.
const URL_HEAD: usize = 256;
const IN_URL: &[u8] = b";base64,";

/// The pictures of a payload, which was found to be an event: those of its own members first.
pub fn find(lookup: &Lookup<'_>) -> Vec<Picture> {
    let payload = lookup.payload;
    let mut cursor = Cursor::new(payload, lookup.clean);
    cursor.space();
    let mut search = Search {
        payload,
        scratch: Vec::new(),
        found: Vec::new(),
    };
    if let Ok(Node::Object(event)) = Node::read(&mut cursor, payload) {
        search.object(&event, None, true);
    }
    search.found
}

/// A value in which an image may lie.
enum Node<'a> {
    Text(Text),
    Integer(i64),
    List(Vec<Node<'a>>),
    Object(Object<'a>),
    Other,
}

impl<'a> Node<'a> {
    fn read(cursor: &mut Cursor<'a>, payload: &'a [u8]) -> Result<Node<'a>, Invalid> {
        match cursor.peek() {
            Some(b'"') => Ok(Node::Text(cursor.string()?)),
            Some(b'[') => {
                let mut list = Vec::new();
                cursor.array(|cursor| {
                    match Node::read(cursor, payload)? {
                        // What holds no image takes no memory.
                        Node::Integer(_) | Node::Other => {}
                        node => list.push(node),
                    }
                    Ok(())
                })?;
                Ok(Node::List(list))
            }
            Some(b'{') => Object::read(cursor, payload).map(Node::Object),
            _ => Ok(integer(cursor)?.map_or(Node::Other, Node::Integer)),
        }
    }
}

/// The members of an object: of several with the same key the last one, in the place of the first.
#[derive(Default)]
struct Object<'a> {
    members: Vec<(Cow<'a, [u8]>, Node<'a>)>,
    /// Where each key is, in an object of many.
    places: HashMap<Cow<'a, [u8]>, usize>,
}

impl<'a> Object<'a> {
    /// Fewer are searched one by one.
    const MANY: usize = 16;

    fn read(cursor: &mut Cursor<'a>, payload: &'a [u8]) -> Result<Object<'a>, Invalid> {
        let mut object = Object::default();
        cursor.object(|cursor, key| {
            let key = match key.has_escapes {
                true => Cow::Owned(key.wide(payload, &mut Vec::new()).to_vec()),
                false => Cow::Borrowed(&payload[key.range.clone()]),
            };
            let node = Node::read(cursor, payload)?;
            object.set(key, node);
            Ok(())
        })?;
        Ok(object)
    }

    fn set(&mut self, key: Cow<'a, [u8]>, node: Node<'a>) {
        let is_large = self.members.len() >= Object::MANY;
        if is_large && self.places.is_empty() {
            let keys = self.members.iter().enumerate();
            self.places = keys.map(|(at, (key, _))| (key.clone(), at)).collect();
        }
        let place = match is_large {
            true => self.places.get(&key).copied(),
            false => self.members.iter().position(|(known, _)| *known == key),
        };
        if let Some(at) = place {
            self.members[at].1 = node;
            return;
        }
        if is_large {
            self.places.insert(key.clone(), self.members.len());
        }
        self.members.push((key, node));
    }

    fn get(&self, key: &str) -> Option<&Node<'a>> {
        let mut members = self.members.iter();
        let member = members.find(|(known, _)| known.as_ref() == key.as_bytes());
        member.map(|(_, node)| node)
    }

    fn text(&self, key: &str) -> Option<&Text> {
        match self.get(key) {
            Some(Node::Text(text)) => Some(text),
            _ => None,
        }
    }
}

struct Search<'a> {
    payload: &'a [u8],
    scratch: Vec<u8>,
    found: Vec<Picture>,
}

impl<'a> Search<'a> {
    /// Those that an event has in members of its own, which may itself lie in another object.
    fn own<'b>(&mut self, event: &'b Object<'a>, id: Option<&'b Text>) {
        let is_partial_event = self.is_one_of(event.text("type"), PARTIAL_IMAGES);
        let number = match event.get(PARTIAL_INDEX) {
            Some(Node::Integer(number)) => Some(*number),
            _ => None,
        };
        for field in IMAGE_FIELDS {
            let is_partial = is_partial_event || PARTIAL_FIELDS.contains(field);
            if let Some(text) = event.text(field) {
                let number = number.filter(|_| is_partial);
                self.add(id, text, is_partial, number);
            }
        }
    }

    /// The other ones. Of an output the `id` is the item's; before there is one, it is that of the
    /// event's item.
    fn deeper(&mut self, node: &Node<'a>, id: Option<&Text>) {
        match node {
            Node::Text(text) if self.is_image_url(text) => self.add(id, text, false, None),
            Node::List(list) => list.iter().for_each(|node| self.deeper(node, id)),
            Node::Object(object) => self.object(object, id, false),
            _ => {}
        }
    }

    fn object<'b>(&mut self, object: &'b Object<'a>, mut id: Option<&'b Text>, is_event: bool) {
        let own = object.text("id");
        id = object.text(ITEM_ID).or(id);
        self.own(object, id);
        let key = self.image_key(object);
        if let Some(key) = key
            && let Some(text) = object.text(key)
        {
            // An image without an id is its item's.
            let item = if key == IMAGE_DATA { id } else { own };
            self.add(item, text, false, None);
        }
        if !is_event && own.is_some() && object.get("type").is_some() {
            id = own;
        }
        for (name, node) in &object.members {
            let is = |key: &str| name.as_ref() == key.as_bytes();
            let is_found = key.is_some_and(is) || IMAGE_FIELDS.iter().any(|field| is(field));
            if !is_found || !matches!(node, Node::Text(_)) {
                self.deeper(node, id);
            }
        }
    }

    /// The member of an object that is an image.
    fn image_key(&mut self, object: &Object<'a>) -> Option<&'static str> {
        let kind = object.text("type");
        for (item, key) in IMAGE_ITEMS {
            if self.is_one_of(kind, &[item]) {
                return object.get(key).is_some().then_some(key);
            }
        }
        object.text(IMAGE_DATA)?;
        let mut types = MEDIA_TYPES.iter().filter_map(|name| object.text(name));
        let is_image = types.any(|type_| {
            let type_ = type_.unescaped(self.payload, &mut self.scratch);
            type_.starts_with(IMAGE_MEDIA.as_bytes())
        });
        is_image.then_some(IMAGE_DATA)
    }

    fn is_one_of(&mut self, text: Option<&Text>, names: &[&str]) -> bool {
        let Some(text) = text else {
            return false;
        };
        let text = text.unescaped(self.payload, &mut self.scratch);
        names.iter().any(|name| name.as_bytes() == text)
    }

    fn is_image_url(&mut self, text: &Text) -> bool {
        let raw = &self.payload[text.range.clone()];
        if !matches!(raw.first(), Some(b'd' | b'\\')) {
            return false;
        }
        let url = text.unescaped(self.payload, &mut self.scratch);
        if !url.starts_with(IMAGE_URL.as_bytes()) {
            return false;
        }
        // No character takes more bytes.
        let most = &url[..url.len().min(URL_HEAD * char::MAX.len_utf8())];
        let head = String::from_utf8_lossy(most);
        let end = head.char_indices().nth(URL_HEAD);
        let end = end.map_or(head.len(), |(end, _)| end);
        memchr::memmem::find(&head.as_bytes()[..end], IN_URL).is_some()
    }

    fn add(&mut self, id: Option<&Text>, text: &Text, is_partial: bool, number: Option<i64>) {
        if text.range.is_empty() {
            return;
        }
        let (payload, scratch) = (self.payload, &mut self.scratch);
        let mut unescaped = |text: &Text| Box::from(text.unescaped(payload, scratch));
        self.found.push(Picture {
            item_id: id.map(&mut unescaped),
            is_partial,
            number,
            range: text.range.clone(),
            unescaped: text.has_escapes.then(|| unescaped(text)),
            content: 0,
        });
    }
}
