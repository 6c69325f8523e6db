//! Fields: what is accepted against serde_json, and a reading in turn against one from the start.

use proptest::prelude::*;
use rapidsse_core::logs::field_reader::FieldReader;
use rapidsse_core::logs::fields::{Fields, Refusal};
use rapidsse_core::spans::{self, Keys};
use serde_json::Value;

/// Payloads that are JSON, or nearly.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\"",
        "\"\"",
        "\"type\":",
        "\"response.created\"",
        "\"response.output_text.delta\"",
        "\"delta\":\"a\"",
        "\"delta\":\"\\u00e9\\ud83d\\ude00\\n\"",
        "\"delta\":\"\\ud83d\"",
        "\"d\\u0065lta\":\"é\"",
        "\"sequence_number\":12",
        "\"sequence_number\":9223372036854775808",
        "\"output_index\":-0",
        "\"output_index\":1.5e3",
        "\"response\":{\"id\":\"r\"}",
        "\"response\":{\"id\":\"\",\"x\":[]}",
        "\"choices\":[{\"index\":1,\"delta\":{\"content\":\"x\",\"role\":\"a\"}},7]",
        "\"choices\":[{\"delta\":{\"content\":[{\"text\":\"x\"},\"y\"]},\"finish_reason\":\"stop\"}]",
        "\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\",\"thought\":true}]}}]",
        "\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}",
        "\"content_block\":{\"text\":\"y\"}",
        "\"usageMetadata\":{}",
        "\"id\":\"i\"",
        "\"responseId\":\"i\"",
        "\"message\":{\"id\":\"m\"}",
        "\"event_type\":\"step.delta\"",
        "NaN",
        "-Infinity",
        "\"object\":\"chat.completion.chunk\"",
        "null",
        "true",
        "fals",
        "01",
        "-",
        "1e400",
        "-1.0E-7",
        "123456789012345678901234567890",
        "\u{1}",
        "é",
    ])
    .prop_map(|piece| piece.as_bytes().to_vec());
    let noise = prop::collection::vec(any::<u8>(), 0..3);
    let pieces = prop::collection::vec(prop_oneof![20 => pieces, 1 => noise], 0..20);
    prop_oneof![
        pieces.clone().prop_map(|pieces| pieces.concat()),
        pieces.prop_map(|pieces| [b"{", &pieces.join(&b","[..])[..], b"}"].concat()),
    ]
}

/// Events of one shape, as those of a stream are.
fn alike() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let value = prop::sample::select(vec![
        "\"a\"",
        "\"b\"",
        "\"\\n\"",
        "\"é\"",
        "1",
        "12",
        "-3",
        "null",
        "[]",
        "{\"id\":\"x\"}",
        "{\"text\":\"x\"}",
        "[{\"index\":1,\"text\":\"x\"}]",
        "NaN",
        "\"\\ud800\"",
        " 1 ",
        "1 x",
    ]);
    let key = prop::sample::select(vec![
        "type",
        "delta",
        "item_id",
        "sequence_number",
        "output_index",
        "response",
        "message",
        "content_block",
        "id",
        "responseId",
        "event_type",
        "choices",
        "error",
        "logprobs",
        "delta",
    ]);
    let keys = prop::collection::vec(key, 1..6);
    keys.prop_flat_map(move |keys| {
        let values = prop::collection::vec(value.clone(), keys.len());
        let event = values.prop_map(move |values| {
            let members = keys.iter().zip(values);
            let members = members.map(|(key, value)| format!("\"{key}\":{value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(",")).into_bytes()
        });
        prop::collection::vec(event, 1..8)
    })
}

fn read(payload: &[u8]) -> Result<Fields, Refusal> {
    let mut reader = FieldReader::default();
    reader.read(payload, &[])?;
    Ok(reader.fields().clone())
}

fn check_in_turn(payloads: &[Vec<u8>]) {
    let chunk = payloads.concat();
    let mut reader = FieldReader::default();
    let mut start = 0;
    for payload in payloads {
        let range = start..start + payload.len();
        start = range.end;
        let result = reader.read_next(&chunk, range);
        let result = result.map(|()| reader.fields().clone());
        assert_eq!(result, read(payload), "{}", payload.escape_ascii());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn accepts_what_serde_json_accepts(payload in payload()) {
        let expected: Result<Value, _> = serde_json::from_slice(&payload);
        let mut reader = FieldReader::default();
        let refusal = reader.read(&payload, &[]).err();
        if !reader.is_standard() && matches!(refusal, None | Some(Refusal::Schema)) {
            // Python's `json.loads` takes it, the standard does not.
            prop_assert!(expected.is_err());
            return Ok(());
        }
        let expected = match expected {
            Ok(Value::Object(_)) => None,
            Ok(_) => Some(Refusal::Schema),
            Err(_) if std::str::from_utf8(&payload).is_err() => Some(Refusal::Utf8),
            Err(_) => Some(Refusal::Json),
        };
        prop_assert_eq!(refusal, expected);
    }

    #[test]
    fn reads_what_serde_json_reads(payload in payload()) {
        let Ok(Value::Object(object)) = serde_json::from_slice(&payload) else {
            return Ok(());
        };
        let fields = read(&payload).unwrap();
        let mut scratch = Vec::new();
        let delta = fields.delta.as_ref().map(|text| text.unescaped(&payload, &mut scratch).to_vec());
        let expected = object.get("delta").and_then(Value::as_str);
        prop_assert_eq!(delta.as_deref(), expected.map(str::as_bytes));
        let number = object.get("sequence_number").and_then(Value::as_i64);
        prop_assert_eq!(fields.numbers.sequence_number, number);
        let response = object.get("response").and_then(Value::as_object);
        prop_assert_eq!(fields.marks.responses & 1 == 1, response.is_some());
    }

    #[test]
    fn an_event_reads_the_same_after_any_other(payloads in prop::collection::vec(payload(), 1..6)) {
        check_in_turn(&payloads);
    }

    #[test]
    fn an_event_reads_the_same_after_one_of_its_shape(payloads in alike()) {
        check_in_turn(&payloads);
    }

    #[test]
    fn what_is_known_to_be_clean_changes_nothing(payload in payload()) {
        let clean = spans::find(&payload, &Keys::Any);
        let mut reader = FieldReader::default();
        let result = reader.read(&payload, &clean).map(|()| reader.fields().clone());
        prop_assert_eq!(result, read(&payload));
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| {
        let inner = depth - 1;
        format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
    };
    assert!(read(nested(128).as_bytes()).is_ok());
    assert_eq!(read(nested(129).as_bytes()), Err(Refusal::Depth));
    assert_eq!(read(nested(100_000).as_bytes()), Err(Refusal::Depth));
}

#[test]
fn integers_have_a_length() {
    let of = |digits: usize| format!("{{\"a\":-{}}}", "1".repeat(digits));
    assert!(read(of(4299).as_bytes()).is_ok());
    assert_eq!(read(of(4300).as_bytes()), Err(Refusal::Json));
}
