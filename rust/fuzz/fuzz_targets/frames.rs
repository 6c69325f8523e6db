//! Any stream, in any cut and under any limit, against the oracle of the core's tests.
#![no_main]

#[path = "../../core/tests/oracle/frames.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use rapidsse_core::lines::AnyValue;

fuzz_target!(|input: (Vec<u8>, u8, Option<u8>)| {
    let (stream, chunk, limit) = input;
    let limit = limit.map(usize::from);
    let expected = oracle::expected(&stream, limit);
    assert_eq!(
        oracle::parsed([&stream[..]], limit, &mut AnyValue),
        expected
    );
    let chunks = stream.chunks(usize::from(chunk) + 1);
    assert_eq!(oracle::parsed(chunks, limit, &mut AnyValue), expected);
});
