//! Any payload and any keys against the oracle of the core's tests.
#![no_main]

#[path = "../../core/tests/oracle/spans.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;
use rapidsse_core::spans::{Keys, find};

fuzz_target!(|input: (Vec<u8>, Option<Vec<u8>>)| {
    let (payload, key) = input;
    let keys = match key {
        Some(key) => Keys::named([key.into_boxed_slice(), b"b64"[..].into()]),
        None => Keys::Any,
    };
    assert_eq!(find(&payload, &keys), oracle::expected(&payload, &keys));
});
