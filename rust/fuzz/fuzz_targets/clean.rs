//! The vector loop against the definition, at any alignment.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapidsse_core::clean::{clean_len, is_clean};

fuzz_target!(|bytes: &[u8]| {
    for start in 0..bytes.len().min(65) {
        let bytes = &bytes[start..];
        let plain = bytes.iter().position(|&byte| !is_clean(byte));
        assert_eq!(clean_len(bytes), plain.unwrap_or(bytes.len()));
    }
});
