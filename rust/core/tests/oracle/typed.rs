//! A caller of `TypedStream`, and what it must see by the frames' oracle: every event is decoded
//! once, and what is deferred comes with its place and its spans.

#[expect(dead_code, reason = "only the rules are used here, not the parser")]
#[path = "frames.rs"]
mod frames;
#[path = "like.rs"]
mod like;
#[path = "spans.rs"]
mod spans;

use std::convert::Infallible;
use std::marker::PhantomData;

use frames::{Outcome, Unfinished, expected};
use rapidsse_core::frames::{TooLarge, is_done};
use rapidsse_core::input::{Input, Part, Source};
use rapidsse_core::like::{Member, Scalar, Step};
use rapidsse_core::segments;
use rapidsse_core::spans::Keys;
use rapidsse_core::stream::Eof;
use rapidsse_core::typed::{Caller, Cut, Event, Options, Payload, TypedStream};
use serde_json::{Deserializer, Value};

/// What becomes of an event.
#[derive(Debug, PartialEq)]
pub enum Seen {
    Value(Value),
    /// It did not decode: its payload, offset, index, name, and whether its blank line is there.
    Failed(Vec<u8>, u64, u64, Vec<u8>, bool),
    Done,
    TooLarge(u64, u64),
}

fn keys() -> Keys {
    Keys::named([b"b64"[..].into()])
}

fn decode(payload: &[u8]) -> Option<Value> {
    serde_json::from_slice(payload).ok()
}

/// Takes values as they come, several in a line or one over several lines.
fn decode_lines(lines: &[u8]) -> Option<Vec<Value>> {
    let values = Deserializer::from_slice(lines).into_iter();
    values.collect::<Result<_, _>>().ok()
}

/// The value with the text of each placeholder that stands where base64 does.
fn with_base64(value: Value, cut: &mut Cut, payload: &[u8]) -> Value {
    let item = |value| with_base64(value, &mut *cut, payload);
    match value {
        Value::Array(items) => items.into_iter().map(item).collect(),
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| match &value {
                Value::String(text) if key == "b64" => {
                    let span = cut.take(text);
                    let value = span.map(|span| &payload[span.start..span.end]);
                    (key, value.map(String::from_utf8_lossy).into())
                }
                _ => (key, with_base64(value, cut, payload)),
            };
            members.into_iter().map(member).collect()
        }
        value => value,
    }
}

/// A caller of `TypedStream`.
pub struct Reader<'a, I> {
    chunks: I,
    values: Vec<Value>,
    /// The value kept, and the members that others change.
    kept: (Value, Vec<Vec<Step>>),
    _chunk: PhantomData<&'a [u8]>,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Reader<'a, I> {
    pub fn read(
        chunks: impl IntoIterator<IntoIter = I>,
        limit: Option<usize>,
        batches: bool,
        cuts: bool,
    ) -> Vec<Seen> {
        let mut stream = TypedStream::new(Options {
            keys: keys(),
            max_event_size: limit,
            eof: Eof::Dispatch,
            dataless: false,
            defer_if_contains: Some(b"\"error\"".to_vec()),
            batches,
            cuts,
        });
        let mut reader = Reader {
            chunks: chunks.into_iter(),
            values: Vec::new(),
            kept: (Value::Null, Vec::new()),
            _chunk: PhantomData,
        };
        let mut input = Input::new(true);
        let mut seen = Vec::new();
        while let Ok(Some(found)) = stream.next(&mut input, &mut reader) {
            seen.push(found);
        }
        seen
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> Source for Reader<'a, I> {
    type Chunk = &'a [u8];
    type Error = Infallible;

    fn bytes<'b>(&'b self, chunk: &'b &'a [u8]) -> &'b [u8] {
        chunk
    }

    fn pull(&mut self) -> Result<Option<&'a [u8]>, Infallible> {
        Ok(self.chunks.next())
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> Caller for Reader<'a, I> {
    type Value = Seen;
    type Copy = Vec<u8>;
    type Place = Vec<u8>;

    fn copy(&self, size: usize, write: impl FnOnce(&mut [u8])) -> Result<Vec<u8>, Infallible> {
        let mut copy = vec![0; size];
        write(&mut copy);
        Ok(copy)
    }

    fn decode(&mut self, payload: Vec<u8>) -> Result<Option<Seen>, Infallible> {
        Ok(decode(&payload).map(Seen::Value))
    }

    fn decode_lines(&mut self, lines: Vec<u8>) -> Result<Option<usize>, Infallible> {
        let values = decode_lines(&lines);
        self.values = values.clone().unwrap_or_default();
        Ok(values.map(|values| values.len()))
    }

    fn value(&mut self, number: usize) -> Result<Seen, Infallible> {
        Ok(Seen::Value(self.values[number].clone()))
    }

    fn keeps(&mut self, number: usize, members: &[Member]) -> Result<bool, Infallible> {
        let paths: Vec<Vec<Step>> = members.iter().map(|member| member.path.clone()).collect();
        let is_type = |path: &Vec<Step>| path.contains(&Step::Key(b"type".to_vec()));
        let is_kept = !paths.iter().any(is_type);
        self.kept = (self.values[number].clone(), paths);
        Ok(is_kept)
    }

    fn like(&self, payload: &[u8], values: &[Scalar]) -> Result<Seen, Infallible> {
        let (value, paths) = &self.kept;
        Ok(Seen::Value(like::with(value, paths, payload, values)))
    }

    fn place(
        &self,
        payload: Payload,
        chunk: Option<&&'a [u8]>,
        kept: &[Part<&'a [u8]>],
    ) -> Result<Vec<u8>, Infallible> {
        let chunk = chunk.map_or(&[][..], |chunk| chunk);
        Ok(match payload {
            Payload::Piece(payload) => payload.bytes(chunk).to_vec(),
            Payload::Segments(rest, segments) => {
                let part = |number: usize| &kept[number].0[kept[number].1.clone()];
                segments::join(&rest, part, &segments)
            }
        })
    }

    fn decode_cut(
        &mut self,
        json: Vec<u8>,
        mut cut: Cut,
        payload: &Vec<u8>,
    ) -> Result<Option<(Seen, Cut)>, Infallible> {
        assert!(json.len() < payload.len());
        Ok(decode(&json).map(|value| {
            let value = with_base64(value, &mut cut, payload);
            (Seen::Value(value), cut)
        }))
    }

    fn deferred(
        &mut self,
        event: Event<Vec<u8>>,
        chunk: Option<&&'a [u8]>,
    ) -> Result<Option<Seen>, Infallible> {
        let chunk = chunk.map_or(&[][..], |chunk| chunk);
        let payload = event.payload;
        assert_eq!(event.spans, spans::expected(&payload, &keys()));
        Ok(Some(match decode(&payload) {
            Some(value) => Seen::Value(value),
            None => Seen::Failed(
                payload,
                event.offset,
                event.index,
                event.name.bytes(chunk).to_vec(),
                event.is_complete,
            ),
        }))
    }

    fn done(&mut self) -> Result<Option<Seen>, Infallible> {
        Ok(Some(Seen::Done))
    }

    fn too_large(&mut self, error: TooLarge, index: u64) -> Result<Option<Seen>, Infallible> {
        Ok(Some(Seen::TooLarge(error.offset, index)))
    }
}

/// What a reader must see, by the oracle.
pub fn seen(stream: &[u8], limit: Option<usize>) -> Vec<Seen> {
    let mut index = 0;
    let mut of = |offset, name: Vec<u8>, data: Vec<u8>, is_complete| {
        if is_done(&data) {
            return Seen::Done;
        }
        index += 1;
        match decode(&data) {
            Some(value) => Seen::Value(value),
            None => Seen::Failed(data, offset, index - 1, name, is_complete),
        }
    };
    let mut seen = Vec::new();
    let mut too_large = Vec::new();
    for outcome in expected(stream, limit) {
        match outcome {
            Outcome::Event {
                offset,
                event,
                data,
                ..
            } => seen.push(of(offset, event, data, true)),
            Outcome::TooLarge(error) => {
                // It counts as an event: `of` gives it an index.
                too_large.push(seen.len());
                seen.push(of(error.offset, Vec::new(), b"!".to_vec(), true));
            }
            Outcome::End { unfinished, .. } => match unfinished {
                Unfinished::Nothing => {}
                Unfinished::Event { offset, data } => {
                    seen.push(of(offset, Vec::new(), data, false));
                }
                Unfinished::Cut { offset, event } => {
                    seen.push(of(offset, event, Vec::new(), false));
                }
            },
        }
    }
    for at in too_large {
        if let Seen::Failed(_, offset, index, _, _) = seen[at] {
            seen[at] = Seen::TooLarge(offset, index);
        }
    }
    seen
}
