//! Logs: how a body is cut into chunks changes nothing, and every byte is counted once.

use proptest::prelude::*;
use rapidsse_core::frames::Value;
use rapidsse_core::logs::arrow::{Spare, Taken, Values};
use rapidsse_core::logs::columns::{Columns, Name};
use rapidsse_core::logs::{Deliver, Framing, LogParser, Options, Output, Step};

const NAMES: [Name; 9] = [
    Name::Stream,
    Name::Offset,
    Name::Length,
    Name::Event,
    Name::Delta,
    Name::Payload,
    Name::ItemId,
    Name::OutputIndex,
    Name::SequenceNumber,
];

const ALL: Deliver = Deliver {
    all: true,
    state: false,
    texts: false,
    images: false,
    contents: false,
    items: false,
};

fn options(framing: Framing, max_event_size: Option<usize>, deliver: Deliver) -> Options {
    Options {
        framing,
        columns: Columns::new(&NAMES, &mut Spare::new()),
        deliver,
        max_event_size,
        batch_rows: usize::MAX,
        batch_bytes: usize::MAX,
    }
}

/// Everything that a body gives: rows, events for the handler, and the counts.
#[derive(Debug, PartialEq)]
struct Told {
    columns: Vec<(Name, Taken)>,
    found: Vec<String>,
    counts: (u64, u64, u64, u64, u64),
}

fn tell(found: Output, chunk: &[u8]) -> String {
    let text = |payload: &Value| payload.bytes(chunk).escape_ascii().to_string();
    match found {
        Output::Event {
            payload,
            spans,
            place,
            event,
            ..
        } => {
            let payload = text(&payload);
            format!("{payload} {spans:?} {place:?} {event:?}")
        }
        Output::Failure {
            payload,
            place,
            event,
            kind,
        } => {
            let payload = payload.as_ref().map(text);
            format!("{payload:?} {place:?} {event:?} {kind:?}")
        }
        Output::Stream(mut stream) => {
            // The rest of the items is in the order of a hash table.
            let items = stream.items.take();
            let items = items.map(|items| (items.pieces, items.is_cut));
            format!("{stream:?} {items:?}")
        }
    }
}

fn read(options: Options, body: &[u8], size: usize) -> Told {
    let mut parser = LogParser::new(options);
    let mut told = Vec::new();
    parser.begin(7, false);
    for chunk in body.chunks(size) {
        let mut pos = 0;
        loop {
            let step = parser.advance(chunk, &mut pos);
            told.extend(
                parser
                    .take_outputs()
                    .into_iter()
                    .map(|found| tell(found, chunk)),
            );
            if step == Step::UsedUp {
                break;
            }
        }
    }
    parser.finish();
    told.extend(
        parser
            .take_outputs()
            .into_iter()
            .map(|found| tell(found, b"")),
    );
    let totals = parser.totals(0);
    let (_, columns) = parser.columns().take(&mut Spare::new());
    Told {
        columns,
        found: told,
        counts: (
            totals.events,
            totals.failures,
            totals.event_bytes,
            totals.failure_bytes,
            totals.other_bytes,
        ),
    }
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a\",\"sequence_number\":1}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"bc\",\"sequence_number\":3}\n\n",
        "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n",
        "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\"}}\n\n",
        "{\"type\":\"response.completed\",\"sequence_number\":2}\n",
        "data: [DONE]\n\n",
        "[DONE]\n",
        ": comment\n",
        "data: {\n",
        "data: }\n",
        "event: x\n",
        "id: 1\n",
        "\n",
        "\r\n",
        "\r",
        "\u{feff}",
        "data: {\"delta\":\"é\\n\"}\r\n\r\n",
        "{\"b64_json\":\"QUJD\"}\n",
        "nonsense",
    ])
    .prop_map(|piece| piece.as_bytes().to_vec());
    let noise = prop::collection::vec(any::<u8>(), 0..3);
    let piece = prop_oneof![20 => pieces, 60 => delta(), 1 => noise];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// Events that differ in little, as those of a stream do.
fn delta() -> impl Strategy<Value = Vec<u8>> {
    let one_of = |values: &[&'static str]| prop::sample::select(values.to_vec());
    let mostly = |value, others: &[&'static str]| prop_oneof![4 => Just(value), 1 => prop::sample::select(others.to_vec())];
    (
        mostly(
            "event: response.output_text.delta\ndata: ",
            &["id: 1\ndata: ", "data: ", ""],
        ),
        mostly("0", &["1", "[1]", "[]", "{\"a\":2}", "null"]),
        one_of(&[
            "\"a\"",
            "\"a\"",
            "\"bcd\"",
            "\"bcd\"",
            "\"\\n\"",
            "\"é\"",
            "[1, 2]",
            "null",
            "{\"content\":\"e\",\"role\":\"assistant\"}",
            "[{\"b64_json\":\"QUJD\"}]",
            "\"a",
            "1 ",
        ]),
        mostly("\"item\"", &["\"item 2\"", "7"]),
        mostly("1", &["2", "17", "1.5", " 3", "01"]),
        mostly("\n\n", &["\r\n\r\n", "\n", "\r\r"]),
    )
        .prop_map(|(opening, index, delta, item, number, end)| {
            format!(
                "{opening}{{\"type\":\"response.output_text.delta\",\"output_index\":{index},\
                 \"delta\":{delta},\"item_id\":{item},\"logprobs\":[],\
                 \"sequence_number\":{number}}}{end}"
            )
            .into_bytes()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn chunks_change_nothing(
        body in body(),
        size in 1usize..40,
        is_sse in any::<bool>(),
        limit in prop::option::of(0usize..400),
        [all, state, texts, images, contents, items] in any::<[bool; 6]>(),
    ) {
        let framing = if is_sse { Framing::Sse } else { Framing::Lines };
        // Most are asked for some events only, as the tables are.
        let all = all && state;
        let deliver = Deliver { all, state, texts, images, contents, items };
        let whole = read(options(framing, limit, deliver), &body, usize::MAX);
        prop_assert_eq!(&whole, &read(options(framing, limit, deliver), &body, size));
        let (_, _, events, failures, other) = whole.counts;
        prop_assert_eq!(events + failures + other, body.len() as u64);
    }
}

#[test]
fn nulls_are_marked_and_memory_is_used_again() {
    let body = b"data: {\"delta\":\"a\"}\n\ndata: {}\n\ndata: {\"delta\":\"\"}\n\n";
    let told = read(options(Framing::Sse, None, ALL), body, usize::MAX);
    let (_, delta) = &told.columns[4];
    assert_eq!(delta.nulls, 1);
    assert_eq!(delta.validity.as_deref(), Some(&[0b101][..]));
    assert_eq!(
        delta.values,
        Values::Strings(vec![0, 1, 1, 1], b"a".to_vec())
    );

    let mut columns = Columns::new(&[Name::Offset], &mut Spare::new());
    let mut spare = Spare::new();
    spare.keep(Values::Integers(Vec::with_capacity(100)));
    columns.take(&mut spare);
    let (_, taken) = columns.take(&mut spare);
    let Values::Integers(values) = &taken[0].1.values else {
        panic!("a column of integers");
    };
    assert_eq!((values.len(), values.capacity()), (0, 100));
}
