//! Any stream in any chunks, with and without batches and cuts, against the oracle of the core's tests.
#![no_main]

#[path = "../../core/tests/oracle/typed.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use rapidsse_core::limits::{LONG_PAYLOAD, MIN_KEPT};

/// Bytes that stand for many, so that short inputs have long strings.
fn expanded(input: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for &byte in input {
        match byte {
            1 => stream.extend(vec![b'A'; 2 * MIN_KEPT]),
            2 => stream.extend(vec![b'A'; LONG_PAYLOAD]),
            3 => stream.extend(b"data: {\"b64\":\""),
            4 => stream.extend(b"data: {\"a\":1}\n\n".repeat(6)),
            5 => (10..42).for_each(|n| {
                stream.extend(format!("data: {{\"a\":{n},\"type\":\"x\"}}\n\n").bytes())
            }),
            6 => stream.extend(b"data: {\"a\":5"),
            7 => stream.extend(b",\"type\":\"x\"}\n\n"),
            byte => stream.push(byte),
        }
    }
    stream
}

fuzz_target!(|input: (Vec<u8>, u16, Option<u16>, bool, bool)| {
    let (stream, size, limit, batches, cuts) = input;
    let stream = expanded(&stream);
    let limit = limit.map(usize::from);
    let expected = oracle::seen(&stream, limit);
    let whole = oracle::Reader::read([&stream[..]], limit, batches, cuts);
    assert_eq!(whole, expected);
    let chunks = stream.chunks(usize::from(size) + 1);
    assert_eq!(oracle::Reader::read(chunks, limit, batches, cuts), expected);
});
