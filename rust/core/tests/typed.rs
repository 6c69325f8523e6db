//! A typed stream against the oracle, whatever the chunks, with and without batches and cuts.

#[path = "oracle/typed.rs"]
mod oracle;

use oracle::{Reader, seen};
use proptest::prelude::*;
use rapidsse_core::limits::{LONG_PAYLOAD, MIN_KEPT};

/// Events that differ in a few members.
fn alike(numbers: std::ops::Range<u32>) -> String {
    let event = |n| format!("event: e\ndata: {{\"n\":{n},\"a\":\"x{n}\",\"type\":\"t\"}}\n\n");
    numbers.map(event).collect()
}

/// Events that differ in members of members.
fn nested(numbers: std::ops::Range<u32>) -> String {
    let event =
        |n| format!("data: {{\"m\":[1,{{\"type\":\"t\",\"a\":\"x{n}\"}},{n}],\"n\":{n}}}\n\n");
    numbers.map(event).collect()
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let small = "data: {\"a\":1}\n\n";
    let image = format!("{{\"b64\":\"{}\"}}", "A".repeat(3 * MIN_KEPT));
    let large = format!("{{\"b64\":\"{}\"}}", "B".repeat(LONG_PAYLOAD));
    let pieces = prop::sample::select(vec![
        small.to_owned(),
        small.repeat(9),
        "event: e\n".to_owned() + small,
        // So many that those after them may be told by them.
        alike(0..40),
        alike(7..80),
        alike(0..36) + &small.repeat(2) + &alike(90..99),
        nested(0..40),
        nested(0..36) + &small.repeat(2) + &nested(90..99),
        (0..40)
            .map(|n| format!("data: {{\"m\":[{{\"n\":{n},\"n\":1}},{n}]}}\n\n"))
            .collect(),
        "data: {\"n\":7,\"a\":\"x\\n\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":-7,\"a\":\"x\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":07,\"a\":\"x\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":7.0,\"a\":\"error\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":7,\"a\":\"é\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":7,\"a\":\"\\ud83d\\ude00\\u00e9\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":7,\"a\":\"\\ud83d\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":7,\"a\":\"\\x\",\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":7,\"a\":[\"é\"],\"type\":\"t\"}\n\n".to_owned(),
        "data: {\"n\":7,\"a\":\"x\"\n\n".to_owned(),
        (0..40)
            .map(|n| format!("data: {{\"n\":{n},\"n\":1}}\n\n"))
            .collect(),
        (0..40)
            .map(|n| format!("data: {{\"n\":{n},\"type\":\"{n}\"}}\r\n\r\n"))
            .collect(),
        (0..40)
            .map(|n| format!("data: {{\"\\u006e\":{n}}}\n\n"))
            .collect(),
        "event: e\ndata: {\"a\":{}}\n\n".repeat(7),
        "data: {\"a\":\"error\"}\n\n".to_owned(),
        "data: [DONE]\n\n".to_owned(),
        "data:  [DONE] \n\n".to_owned(),
        // As many values as lines, and not one each.
        "data: {}{}\n\ndata: {\"a\":\n\ndata: {}}\n\n".to_owned() + &small.repeat(4),
        "data: {\"a\":\n\n".to_owned(),
        "data: 1}\n\n".to_owned(),
        "data: {\n\n".repeat(8),
        "id: 1\n".to_owned() + small,
        format!("data: {image}\n\n"),
        format!("data: {large}\n\n"),
        format!("data: {{\"a\":[{image},{large}],\"b64\":\"short\"}}\n\n"),
        format!("data: {{\"a\":{{\"b64\":[{image}]}},\"b\":{large}}}\n\n"),
        format!("data: [{large},{image},\"error\"]\n\n"),
        format!("data: [{large},{image}\n\n"),
        format!("data: {},{}\n\n", &image[..image.len() - 1], &large[1..]),
        format!("data: {}\n\n", large.replace("\"B", "\"data:B")),
        format!("data: {}\n\n", image.replace("b64", "b\\u00364")),
        format!("data: [{image},\ndata: {large}]\n\n"),
        format!("data: {{\"b\":\"é{}\"}}\n\n", "C".repeat(3 * MIN_KEPT)),
        "data: ".to_owned() + &"D".repeat(3 * MIN_KEPT),
        "data: {\"b64\":\"".to_owned(),
        "\"}\n\n".to_owned(),
        "\n".to_owned(),
        "\r\n\r\n".to_owned(),
    ]);
    prop::collection::vec(pieces, 0..10).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_event_is_seen_once_whatever_the_chunks(
        stream in stream(),
        ends in prop::collection::vec(any::<usize>(), 0..8),
        limit in prop::option::of(0usize..20_000),
        batches in any::<bool>(),
        cuts in any::<bool>(),
    ) {
        let mut ends: Vec<_> = ends.iter().map(|end| end % (stream.len() + 1)).collect();
        ends.extend([0, stream.len()]);
        ends.sort_unstable();
        let chunks = ends.windows(2).map(|end| &stream[end[0]..end[1]]);
        let expected = seen(&stream, limit);
        prop_assert_eq!(Reader::read([&stream[..]], limit, batches, cuts), seen(&stream, limit));
        prop_assert_eq!(Reader::read(chunks, limit, batches, cuts), expected);
    }
}
