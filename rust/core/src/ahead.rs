//! Asks memory for bytes that are read soon.
//!
//! The processor asks by itself while bytes are read in order, but not past the end of a 4 KiB page.
//! A request reads nothing and faults on no address.
#![allow(unsafe_code)]

/// The bytes that memory gives at a time.
const LINE: usize = 64;

/// Asks for the bytes of a long text that come some time after these.
///
/// 8 KiB ahead, of 1 to 16 the fastest, and into the second cache. On Intel's processors a request
/// into the first one takes nearly twice the time, and one past the caches three to four times.
#[inline(always)]
pub fn prefetch_text(bytes: &[u8]) {
    for at in (0..bytes.len()).step_by(LINE) {
        request::<false>(bytes, 8192 + at);
    }
}

/// Asks for an event that comes some time after the one at `start`: 1 KiB ahead, of 1 to 8 the
/// fastest.
#[inline(always)]
pub fn prefetch_event(chunk: &[u8], start: usize) {
    // Most events are of less than 256 bytes.
    for at in (0..256).step_by(LINE) {
        request::<true>(chunk, start + 1024 + at);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn request<const INTO_FIRST_CACHE: bool>(bytes: &[u8], at: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};

    // `wrapping_add` makes an address that may lie past the slice.
    let address = bytes.as_ptr().wrapping_add(at).cast();
    // SAFETY: any address will do.
    unsafe {
        match INTO_FIRST_CACHE {
            true => _mm_prefetch::<_MM_HINT_T0>(address),
            false => _mm_prefetch::<_MM_HINT_T1>(address),
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn request<const INTO_FIRST_CACHE: bool>(_: &[u8], _: usize) {}
