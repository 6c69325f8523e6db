//! Events that are like one that was kept, against those of a stream that keeps none.

#[path = "oracle/like.rs"]
mod like;

use std::convert::Infallible;

use like::with;
use proptest::prelude::*;
use rapidsse_core::events::{EventStream, Next};
use rapidsse_core::input::{Input, Source};
use rapidsse_core::like::{Pair, Step};
use rapidsse_core::stream::Eof;
use serde_json::Value;

struct Chunks<'a>(std::vec::IntoIter<&'a [u8]>);

impl<'a> Source for Chunks<'a> {
    type Chunk = &'a [u8];
    type Error = Infallible;

    fn bytes<'b>(&'b self, chunk: &'b &'a [u8]) -> &'b [u8] {
        chunk
    }

    fn pull(&mut self) -> Result<Option<&'a [u8]>, Infallible> {
        Ok(self.0.next())
    }
}

/// How a stream is read: without keeping an event, with one, or asked first for events like that one.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Plain,
    Keeps,
    LikesFirst,
}

/// The payloads of the events, with `None` for one that is too large, and how many were like others.
fn read(data: &[u8], size: usize, limit: Option<usize>, how: How) -> (Vec<Option<Vec<u8>>>, usize) {
    let chunks: Vec<&[u8]> = data.chunks(size).collect();
    let mut source = Chunks(chunks.into_iter());
    let mut input: Input<&[u8]> = Input::new(true);
    let mut stream = EventStream::new(limit, Eof::Dispatch, false);
    if how != How::Plain {
        stream.find_alike();
    }
    let (mut seen, mut likes) = (Vec::new(), 0);
    let mut kept: Option<(Value, Vec<Vec<Step>>)> = None;
    let mut id = Vec::new();
    loop {
        let like = match input.chunk() {
            Some(&chunk) if how == How::LikesFirst => stream.next_like(chunk).map(Next::Like),
            _ => None,
        };
        let Some(next) = like.or_else(|| stream.next(&mut input, &mut source).unwrap()) else {
            break;
        };
        let chunk = input.chunk().copied().unwrap_or_default();
        let payload = match next {
            Next::Like(payload) => {
                let payload = &chunk[payload];
                assert_eq!(stream.parser().last_event_id(), id);
                let (value, paths) = kept.as_ref().unwrap();
                assert_eq!(
                    with(value, paths, payload, stream.values()),
                    serde_json::from_slice::<Value>(payload).unwrap()
                );
                likes += 1;
                Some(payload.to_vec())
            }
            Next::Whole(whole) => {
                let payload = &chunk[whole.data];
                if let Some(pair) = stream.alike(chunk) {
                    let value = serde_json::from_slice(payload).ok();
                    id = stream.parser().last_event_id().to_vec();
                    kept = value.map(|value| (value, paths(&pair)));
                    stream.keep(chunk, kept.is_some().then_some(pair));
                }
                Some(payload.to_vec())
            }
            Next::Frame(frame) => Some(frame.data.bytes(chunk).to_vec()),
            Next::TooLarge(..) => None,
        };
        seen.push(payload);
    }
    (seen, likes)
}

fn paths(pair: &Pair) -> Vec<Vec<Step>> {
    pair.members
        .iter()
        .map(|member| member.path.clone())
        .collect()
}

fn event(n: u32) -> String {
    format!("event: e\ndata: {{\"m\":[1,{{\"a\":\"x{n}\"}}],\"n\":{n},\"type\":\"t\"}}\n\n")
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        (0..5).map(event).collect::<String>(),
        (7..30).map(event).collect(),
        (0..4).map(|n| event(n).replace('e', "f")).collect(),
        event(3).replace("x3", "é"),
        event(3).replace("x3", "\\ud83d\\ude00\\n"),
        event(3).replace("x3", "\\ud83d"),
        event(3).replace(":3", ":03"),
        event(3).replace(":3", ":-3"),
        event(3).replace(":3", ":null"),
        event(3).replace("\"n\"", "\"\\u006e\""),
        event(3).replace("\"n\"", "\"m\""),
        event(3).replace('\n', "\r\n"),
        event(3).replace("\n\n", "\nid: 5\n\n"),
        event(3).replace("event", "retry: 5\nevent"),
        event(3).replace("data:", "data: \ndata:"),
        event(3).replace('}', ""),
        ": comment\n".to_owned() + &event(3),
        "data: [DONE]\n\n".to_owned(),
        "event: e\n\n".to_owned(),
        "id: 6\n\n".to_owned(),
        "id: 7\n".to_owned(),
        "data: {\"n\":1,\"n\":2}\n\ndata: {\"n\":1,\"n\":3}\n\n".to_owned(),
        "data: {\"n\":\"a\"}\n\ndata: {\"n\":\"b\"}\n\ndata: {\"n\":\"".to_owned(),
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn events_are_the_same(
        data in stream(),
        broken in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        size in prop::sample::select(vec![1, 7, 300, 1 << 20]),
        limit in prop::option::of(30usize..80),
    ) {
        let mut data = data;
        if let Some((index, byte)) = broken && !data.is_empty() {
            let at = index.index(data.len());
            data[at] = byte;
        }
        let (plain, _) = read(&data, size, limit, How::Plain);
        let kept = read(&data, size, limit, How::Keeps);
        prop_assert_eq!(&kept.0, &plain);
        // An event that is different counts once, whoever finds that.
        prop_assert_eq!(kept, read(&data, size, limit, How::LikesFirst));
    }
}

#[test]
fn most_of_many_are_like_another() {
    // The first of a stream is not read by the short cut.
    let data: String = (0..100).map(event).collect();
    assert_eq!(read(data.as_bytes(), 1 << 20, None, How::Keeps).1, 97);
    // Whatever the cuts: an event that is cut is none.
    assert_eq!(read(data.as_bytes(), 1000, None, How::Keeps).1, 92);
    // They are found again after others.
    let data = data.clone() + &"data: {\"a\":1}\n\n".repeat(9) + &data;
    assert_eq!(read(data.as_bytes(), 1 << 20, None, How::Keeps).1, 97 + 98);
}
