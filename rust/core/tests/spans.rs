//! The scan against the oracle.

#[path = "oracle/spans.rs"]
mod oracle;

use oracle::expected;
use proptest::prelude::*;
use rapidsse_core::clean::is_clean;
use rapidsse_core::frames::FrameParser;
use rapidsse_core::limits::LONG_PAYLOAD;
use rapidsse_core::lines::{AnyValue, DataLines};
use rapidsse_core::spans::{Keys, LineSpans, find, find_past};

fn payload() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\t",
        "\"",
        "\\",
        "\\\"",
        "\\/",
        "\\\\",
        "\"b64\"",
        "\"b64\":\"",
        "\"b64\" : \"",
        "\"b\\u0036\":",
        "\"other\":",
        "QUJD",
        "é",
        "null",
        "1",
        "\"\"",
        "\u{7f}",
        "\u{1}",
    ])
    .prop_map(|piece| piece.as_bytes().to_vec());
    let long = (0usize..300).prop_map(|len| vec![b'A'; len]);
    let noise = prop::collection::vec(any::<u8>(), 0..3);
    prop::collection::vec(prop_oneof![12 => pieces, 2 => long, 1 => noise], 0..40)
        .prop_map(|pieces| pieces.concat())
}

fn keys() -> impl Strategy<Value = Keys> {
    prop_oneof![
        3 => Just(Keys::named([b"b64"[..].into()])),
        2 => Just(Keys::Any),
        1 => Just(Keys::named([])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn finds_what_the_oracle_finds(payload in payload(), keys in keys()) {
        prop_assert_eq!(find(&payload, &keys), expected(&payload, &keys));
    }

    /// The spans found on the way to the end of a long line are those of its payload.
    #[test]
    fn finds_them_on_the_way_too(payload in payload(), keys in keys(), end in "[\r\n].{0,9}") {
        let mut payload = payload;
        payload.retain(|byte| !b"\r\n".contains(byte));
        payload.extend(vec![b'A'; LONG_PAYLOAD]);
        let mut line = b"data: ".to_vec();
        line.extend(&payload);
        line.extend(end.as_bytes());
        let mut lines = LineSpans::new(keys.clone());
        prop_assert_eq!(lines.line_end(&line, 5), Some(6 + payload.len()));
        prop_assert_eq!(lines.of(&line, 6, 6 + payload.len()), expected(&payload, &keys));
    }

    /// What the search for the end of a line that came in chunks found to be clean is clean, and
    /// changes nothing but the work.
    #[test]
    fn finds_them_in_what_came_in_chunks(
        payload in payload(),
        keys in keys(),
        size in 1usize..60,
    ) {
        let stream = [b"data: ", &payload[..], b"\n\n"].concat();
        let mut parser = FrameParser::new(None);
        for chunk in stream.chunks(size) {
            let mut pos = 0;
            while let Some(Ok(frame)) = parser.next(chunk, &mut pos, &mut AnyValue) {
                let data = frame.data.bytes(chunk);
                prop_assert!(data[frame.clean.clone()].iter().all(|&byte| is_clean(byte)));
                prop_assert_eq!(find_past(data, &keys, &frame.clean), expected(data, &keys));
            }
        }
    }
}
