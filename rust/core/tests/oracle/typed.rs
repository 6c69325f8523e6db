//! A caller of `TypedStream`, and what it must see by the frames' oracle: every event is decoded
//! once, and what is deferred comes with its place and its spans.

#[expect(dead_code, reason = "only the rules are used here, not the parser")]
#[path = "frames.rs"]
mod frames;
#[path = "spans.rs"]
mod spans;

use frames::{Outcome, Unfinished, expected};
use rapidsse_core::frames::is_done;
use rapidsse_core::segments::Segment;
use rapidsse_core::spans::Keys;
use rapidsse_core::stream::Eof;
use rapidsse_core::typed::{Event, Next, Options, Payload, Task, TypedStream};
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
    Keys::Named([b"b64"[..].into()].into())
}

fn decode(payload: &[u8]) -> Option<Value> {
    serde_json::from_slice(payload).ok()
}

/// Takes values as they come, several in a line or one over several lines.
fn decode_lines(lines: &[u8]) -> Option<Vec<Value>> {
    let values = Deserializer::from_slice(lines).into_iter();
    values.collect::<Result<_, _>>().ok()
}

/// A caller of `TypedStream`.
pub struct Reader {
    stream: TypedStream,
    kept: Vec<Vec<u8>>,
    seen: Vec<Seen>,
}

impl Reader {
    pub fn read<'a>(
        chunks: impl IntoIterator<Item = &'a [u8]>,
        limit: Option<usize>,
        batches: bool,
    ) -> Vec<Seen> {
        let mut reader = Reader {
            stream: TypedStream::new(Options {
                keys: keys(),
                max_event_size: limit,
                eof: Eof::Dispatch,
                dataless: false,
                defer_if_contains: Some(b"error".to_vec()),
                batches,
            }),
            kept: Vec::new(),
            seen: Vec::new(),
        };
        for chunk in chunks {
            while let Some(next) = reader.stream.next(chunk) {
                reader.take(chunk, next);
            }
            let kept = reader.stream.take_kept();
            reader.kept.extend(kept.map(|part| chunk[part].to_vec()));
        }
        while let Some(task) = reader.stream.finish() {
            reader.do_task(&[], task);
        }
        reader.seen
    }

    fn take(&mut self, chunk: &[u8], next: Next) {
        match next {
            Next::Batch => {
                let mut lines = vec![0; self.stream.batch_size()];
                self.stream.write_batch(chunk, &mut lines);
                if let Some(values) = decode_lines(&lines)
                    && self.stream.accept_batch(values.len())
                {
                    self.seen.extend(values.into_iter().map(Seen::Value));
                }
            }
            Next::Small(whole) => match decode(&chunk[whole.data.clone()]) {
                Some(value) => self.seen.push(Seen::Value(value)),
                None => {
                    let event = self.stream.refused_small(chunk, whole);
                    self.defer(chunk, event);
                }
            },
            Next::Other(task) => self.do_task(chunk, task),
        }
    }

    fn do_task(&mut self, chunk: &[u8], task: Task) {
        match task {
            Task::Decode(event) => {
                let Payload::Piece(payload) = &event.payload else {
                    panic!("a payload in segments cannot be decoded as it is");
                };
                match decode(payload.bytes(chunk)) {
                    Some(value) => self.seen.push(Seen::Value(value)),
                    None => {
                        let event = self.stream.refused(chunk, event);
                        self.defer(chunk, event);
                    }
                }
            }
            Task::Defer(event) => self.defer(chunk, event),
            Task::Join(event) => {
                let payload = self.join(&event.rest, &event.segments);
                let task = self.stream.joined(event, payload);
                assert!(!matches!(task, Task::Join(_)));
                self.do_task(chunk, task);
            }
            Task::Done => self.seen.push(Seen::Done),
            Task::TooLarge(too_large, index) => {
                self.kept.clear();
                self.seen.push(Seen::TooLarge(too_large.offset, index));
            }
        }
    }

    fn join(&mut self, rest: &[u8], segments: &[Segment]) -> Vec<u8> {
        let kept = std::mem::take(&mut self.kept);
        let bytes = segments.iter().map(|segment| match segment {
            Segment::Joined(range) => &rest[range.clone()],
            Segment::Kept(number) => &kept[*number],
        });
        bytes.collect::<Vec<_>>().concat()
    }

    fn defer(&mut self, chunk: &[u8], event: Event) {
        let payload = match &event.payload {
            Payload::Piece(payload) => payload.bytes(chunk).to_vec(),
            Payload::Segments(rest, segments) => self.join(rest, segments),
        };
        assert_eq!(event.spans.unwrap(), spans::expected(&payload, &keys()));
        self.seen.push(match decode(&payload) {
            Some(value) => Seen::Value(value),
            None => Seen::Failed(
                payload,
                event.offset,
                event.index,
                event.name.bytes(chunk).to_vec(),
                event.is_complete,
            ),
        });
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
