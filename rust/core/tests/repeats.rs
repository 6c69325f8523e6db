//! Which base64 fields hold the same text, within a chunk and across chunks.

use proptest::prelude::*;
use rapidsse_core::logs::arrow::Spare;
use rapidsse_core::logs::columns::Columns;
use rapidsse_core::logs::{BATCH_BYTES, BATCH_ROWS, Deliver, Framing, Output};
use rapidsse_core::logs::{LogParser, Options, Step};

/// The key of a picture, and its text.
type Picture = (&'static str, Vec<u8>);

/// The number of each picture, of events of which some share a chunk.
fn numbers(framing: Framing, chunks: &[Vec<Picture>], keeps: bool, contents: bool) -> Vec<u32> {
    let mut parser = LogParser::new(Options {
        framing,
        columns: Columns::new(&[], &mut Spare::new()),
        deliver: Deliver {
            images: true,
            contents,
            ..Deliver::default()
        },
        max_event_size: None,
        batch_rows: BATCH_ROWS,
        batch_bytes: BATCH_BYTES,
    });
    parser.begin(0, false);
    let mut earlier = Vec::new();
    let mut numbers = Vec::new();
    for pictures in chunks {
        let events = pictures.iter().map(|picture| event(framing, picture));
        let chunk = events.collect::<Vec<_>>().concat();
        let mut pos = 0;
        while parser.advance_after(&earlier, &chunk, &mut pos) != Step::UsedUp {}
        for found in parser.take_outputs() {
            if let Output::Event { pictures, .. } = found {
                numbers.extend(pictures.iter().map(|picture| picture.content));
            }
        }
        if keeps && parser.refers_to_last_chunk() {
            earlier = chunk;
        }
    }
    numbers
}

fn event(framing: Framing, (key, text): &Picture) -> Vec<u8> {
    let json = [b"{\"", key.as_bytes(), b"\":\"", text, b"\"}"].concat();
    match framing {
        Framing::Sse => [b"data: ", &json[..], b"\n\n"].concat(),
        Framing::Lines => [&json[..], b"\n"].concat(),
    }
}

/// Texts that are equal, or differ in their length, at their end or all over; and short ones.
fn picture() -> impl Strategy<Value = Picture> {
    (
        prop::sample::select(vec![20_000, 20_000, 20_001, 4]),
        0..3u8,
        prop::sample::select(vec!["b64_json", "b64_json", "partial_image_b64"]),
    )
        .prop_map(|(len, kind, key)| {
            let mut text = vec![if kind == 2 { b'B' } else { b'A' }; len];
            text[len - 1] = if kind == 1 { b'C' } else { b'A' };
            (key, text)
        })
}

proptest! {
    #[test]
    fn equal_numbers_are_equal_texts(
        chunks in prop::collection::vec(prop::collection::vec(picture(), 0..4), 0..5),
        is_sse in any::<bool>(),
        keeps in any::<bool>(),
        contents in any::<bool>(),
    ) {
        let framing = if is_sse { Framing::Sse } else { Framing::Lines };
        let numbers = numbers(framing, &chunks, keeps, contents);
        let pictures = chunks.concat();
        prop_assert_eq!(numbers.len(), pictures.len());
        let pictures = pictures.iter().zip(&numbers).filter(|&(_, &number)| number != 0);
        let pictures: Vec<_> = pictures.collect();
        for (at, ((_, text), number)) in pictures.iter().enumerate() {
            for ((_, other), other_number) in &pictures[..at] {
                prop_assert!(number != other_number || text == other);
            }
        }
        // One that follows on an equal one is known again, wherever that lies; under another key,
        // if that was asked for.
        if keeps {
            for pair in pictures.windows(2) {
                let ((key, text), number) = pair[0];
                let ((next_key, next_text), next_number) = pair[1];
                let is_known = text == next_text && (contents || key == next_key);
                prop_assert_eq!(is_known, number == next_number);
            }
        }
    }
}
