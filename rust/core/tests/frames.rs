//! The parser against the oracle, on any stream in any cut.

#[path = "oracle/frames.rs"]
mod oracle;

use oracle::{expected, parsed};
use proptest::prelude::*;
use rapidsse_core::frames::{FrameParser, Value};
use rapidsse_core::limits::{LONG_PAYLOAD, MIN_KEPT};
use rapidsse_core::lines::AnyValue;
use rapidsse_core::spans::{Comparison, FlatLines, Keys, LineSpans, RepeatedSpans};

/// Streams that are mostly made of what the grammar looks at.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "data",
        "event",
        "id",
        "retry",
        "datum",
        "eve",
        ":",
        ": ",
        ":  ",
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "data: x\n\n",
        "event: a\ndata: b\n\n",
        "event: a\r\ndata: b\r\n\r\n",
        "12",
        "0",
        "99999999999999999999999",
        "\0",
        "\u{feff}",
        "é",
        "{\"a\": \"b\"}",
    ])
    .prop_map(|piece| piece.as_bytes().to_vec());
    let noise = prop::collection::vec(any::<u8>(), 0..4);
    let mark = prop::sample::select(vec![&b""[..], b"\xEF", b"\xEF\xBB", b"\xEF\xBB\xBF"]);
    let pieces = prop::collection::vec(prop_oneof![9 => pieces, 1 => noise], 0..40);
    (mark, pieces).prop_map(|(mark, pieces)| [mark, &pieces.concat()].concat())
}

fn cut(stream: &[u8], mut cuts: Vec<usize>) -> Vec<&[u8]> {
    cuts.iter_mut().for_each(|cut| *cut %= stream.len() + 1);
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_cut_gives_what_the_grammar_says(
        stream in stream(),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
        limit in prop::option::of(0usize..12),
    ) {
        let expected = expected(&stream, limit);
        prop_assert_eq!(&parsed([&stream[..]], limit, &mut AnyValue), &expected);
        prop_assert_eq!(&parsed(cut(&stream, cuts), limit, &mut AnyValue), &expected);
        prop_assert_eq!(&parsed(stream.chunks(1), limit, &mut AnyValue), &expected);
    }

    /// Data that chunks keep is what it would have been, and counts as much.
    #[test]
    fn kept_parts_belong_where_the_frame_says(
        parts in prop::collection::vec(
            prop::sample::select(vec!["data: ", "event: e\n", "\n", "\r", "\n\n", "\"", "é", "x", "<long>"]),
            0..24,
        ),
        cuts in prop::collection::vec(any::<usize>(), 0..9),
        limit in prop::option::of(0usize..40_000),
    ) {
        let long = "A".repeat(3 * MIN_KEPT);
        let stream = parts.concat().replace("<long>", &long).into_bytes();
        let mut parser = FrameParser::new(limit);
        parser.keep_clean_chunks();
        let mut events = Vec::new();
        let mut kept: Vec<&[u8]> = Vec::new();
        for chunk in cut(&stream, cuts) {
            let mut pos = 0;
            while let Some(next) = parser.next(chunk, &mut pos, &mut AnyValue) {
                let kept = std::mem::take(&mut kept);
                events.push(next.map(|frame| {
                    let rest = frame.data.bytes(chunk);
                    let mut data = Vec::new();
                    let mut at = 0;
                    assert_eq!(frame.kept.len(), kept.len());
                    for (part, bytes) in frame.kept.iter().zip(kept) {
                        assert_eq!(part.len, bytes.len());
                        data.extend(&rest[at..part.at]);
                        data.extend(bytes);
                        at = part.at;
                    }
                    data.extend(&rest[at..]);
                    data
                }));
            }
            kept.extend(parser.take_kept().map(|part| &chunk[part]));
        }
        let expected = expected(&stream, limit).into_iter().filter_map(|outcome| match outcome {
            oracle::Outcome::Event { data, .. } => Some(Ok(data)),
            oracle::Outcome::TooLarge(too_large) => Some(Err(too_large)),
            oracle::Outcome::End { .. } => None,
        });
        prop_assert_eq!(events, expected.collect::<Vec<_>>());
    }

    /// Lines long enough to be scanned end where plain ones do.
    #[test]
    fn a_line_search_that_knows_json_finds_the_same_lines(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "\"b64\"", ":", " ", "\"", "\\", "\\\"", "\n", "\r", "\n\n", "data: ", "{", "}", "é",
                "A", "", "\"b64\": \"",
            ]),
            0..24,
        ),
        long in 0usize..24,
    ) {
        let mut stream = b"data: ".to_vec();
        for (at, part) in parts.iter().enumerate() {
            stream.extend(part.as_bytes());
            if at == long {
                stream.extend(vec![b'A'; LONG_PAYLOAD]);
            }
        }
        let keys = || Keys::named([b"b64"[..].into()]);
        let expected = expected(&stream, None);
        let searches: [&mut dyn FnMut(usize) -> Vec<oracle::Outcome>; 3] = [
            &mut |size| parsed(stream.chunks(size), None, &mut LineSpans::new(keys())),
            &mut |size| parsed(stream.chunks(size), None, &mut FlatLines::new(keys())),
            &mut |size| parsed(stream.chunks(size), None, &mut RepeatedSpans::new(keys(), Comparison::Last)),
        ];
        for search in searches {
            prop_assert_eq!(&search(stream.len()), &expected);
            prop_assert_eq!(&search(9_000), &expected);
        }
    }
}

/// Names, ids and retries stand for themselves when data is not asked for; nothing else does.
#[test]
fn events_without_data_are_dispatched_on_request() {
    let stream = b"event: a\n\n: c\n\nid: 1\n\nretry: 5\n\n\nevent\n\nid\n\nid: \0\n\ndata: b\n\n";
    let read = |dataless: bool| {
        let mut parser = FrameParser::new(None);
        if dataless {
            parser.dispatch_dataless();
        }
        let mut pos = 0;
        let mut events = Vec::new();
        while let Some(Ok(frame)) = parser.next(stream, &mut pos, &mut AnyValue) {
            let text = |value: &Value| String::from_utf8_lossy(value.bytes(stream)).into_owned();
            let (event, data) = (text(&frame.event), text(&frame.data));
            events.push((event, data, frame.retry, frame.sets_id));
        }
        events
    };
    let of = |event: &str, data: &str, retry, sets_id| {
        (event.to_owned(), data.to_owned(), retry, sets_id)
    };
    assert_eq!(read(false), [of("", "b", None, false)]);
    assert_eq!(
        read(true),
        [
            of("a", "", None, false),
            of("", "", None, true),
            of("", "", Some(5), false),
            of("", "b", None, false),
        ]
    );
}
