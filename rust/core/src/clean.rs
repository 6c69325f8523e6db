//! How many bytes of a JSON string are clean: the one loop that reads every byte of an image.
//!
//! A byte is clean when it is printable ASCII, or DEL, and neither `"` nor `\`: nothing ends the
//! string there, nothing is escaped, and nothing can be refused.
//!
//! The loop should be as fast as memory. Compared with `memchr` for an absent byte over 120 MB, its
//! plain form reaches 0.7 of the speed (SSE2) and 0.5 to 0.8 (AVX2); with requests ahead the latter
//! is as fast. Vectors of AVX-512 are faster only on bytes that lie in the caches.
//!
//! Short strings are searched sixteen bytes at a time, by SSE2 or NEON. By NEON the text log takes a
//! quarter fewer instructions than byte by byte; the loop is what the compiler makes of it.
//!
//! The call of an AVX2 function and the vectors are `unsafe` in Rust, and but for the requests to
//! memory all the `unsafe` of this crate is here. The fuzz target `clean` compares it with the plain
//! definition.
#![allow(unsafe_code)]

use std::ops::Range;

use crate::ahead::prefetch_text;

const BLOCK: usize = 64;
/// Most strings are short: this much is looked at before the loop starts.
const NEAR: usize = 32;

/// How many of the first bytes are clean.
#[inline]
pub fn clean_len(bytes: &[u8]) -> usize {
    match bytes.first_chunk::<NEAR>() {
        Some(near) => match near_clean_len(near) {
            NEAR => NEAR + far_clean_len(&bytes[NEAR..]),
            near => near,
        },
        None => plain_clean_len(bytes),
    }
}

fn plain_clean_len(bytes: &[u8]) -> usize {
    let end = bytes.iter().position(|&byte| !is_clean(byte));
    end.unwrap_or(bytes.len())
}

/// The bytes of a string up to a `"` or `\` that comes soon.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ShortRun {
    /// How many they are.
    pub len: usize,
    /// Whether one is a control character, which has to be escaped.
    pub has_control: bool,
    /// From the first byte that is not ASCII up to the last one.
    pub beyond_ascii: Range<usize>,
}

/// The bytes up to the first `"` or `\`; `None` if neither is among the next sixteen, or fewer than
/// sixteen are left.
#[inline(always)]
pub fn short_run(bytes: &[u8]) -> Option<ShortRun> {
    let unclean = UncleanMarks::of(bytes.first_chunk()?);
    // The marks of the bytes before the end.
    let inside = (unclean.ends & unclean.ends.wrapping_neg()).wrapping_sub(1);
    let beyond_ascii = unclean.beyond_ascii & inside;
    let beyond_ascii = match beyond_ascii {
        0 => 0..0,
        marks => first(marks)..last(marks) + 1,
    };
    (unclean.ends != 0).then(|| ShortRun {
        len: first(unclean.ends),
        has_control: unclean.controls & inside != 0,
        beyond_ascii,
    })
}

/// The index of the first `"` or `\`, which come close to each other: a call would cost more than
/// the search.
#[inline(always)]
pub fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    let (blocks, rest) = bytes.as_chunks::<16>();
    for (number, block) in blocks.iter().enumerate() {
        let found = UncleanMarks::of(block).ends;
        if found != 0 {
            return Some(number * 16 + first(found));
        }
    }
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
    found.map(|at| bytes.len() - rest.len() + at)
}

#[inline(always)]
fn near_clean_len(bytes: &[u8; NEAR]) -> usize {
    let (halves, _) = bytes.as_chunks::<16>();
    let found = UncleanMarks::of(&halves[0]).union();
    if found != 0 {
        return first(found);
    }
    16 + first(UncleanMarks::of(&halves[1]).union())
}

/// Sixteen bytes, of which some are marked: as many bits for each.
#[cfg(not(target_arch = "aarch64"))]
type Marks = u16;
/// The same. NEON has no instruction that makes a bit of each byte, but one that makes four.
#[cfg(target_arch = "aarch64")]
type Marks = u64;

const BITS: u32 = Marks::BITS / 16;

/// The index of the first byte that is marked; 16 if none is.
#[inline(always)]
fn first(marks: Marks) -> usize {
    (marks.trailing_zeros() / BITS) as usize
}

/// The index of the last byte that is marked: at least one must be.
#[inline(always)]
fn last(marks: Marks) -> usize {
    (marks.ilog2() / BITS) as usize
}

/// The bytes of a block that are not clean.
struct UncleanMarks {
    /// `"` and `\`.
    ends: Marks,
    /// Below 0x20.
    controls: Marks,
    /// Above 0x7F.
    beyond_ascii: Marks,
}

impl UncleanMarks {
    #[inline(always)]
    fn union(&self) -> Marks {
        self.ends | self.controls | self.beyond_ascii
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn of(block: &[u8; 16]) -> UncleanMarks {
        use std::arch::x86_64::{
            __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_max_epu8, _mm_movemask_epi8,
            _mm_or_si128, _mm_set1_epi8,
        };

        // SAFETY: SSE2 is part of x86-64, and the block is the sixteen bytes that are loaded.
        unsafe {
            let block = _mm_loadu_si128(block.as_ptr().cast::<__m128i>());
            let quote = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'"' as i8));
            let escape = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\\' as i8));
            // SSE2 compares signed bytes only. Unsigned, a byte is at most 0x1F if the larger of both
            // is 0x1F.
            let last_control = _mm_set1_epi8(0x1F);
            let control = _mm_cmpeq_epi8(_mm_max_epu8(block, last_control), last_control);
            UncleanMarks {
                ends: _mm_movemask_epi8(_mm_or_si128(quote, escape)) as u16,
                controls: _mm_movemask_epi8(control) as u16,
                // Bytes beyond ASCII have the highest bit.
                beyond_ascii: _mm_movemask_epi8(block) as u16,
            }
        }
    }

    #[cfg(target_arch = "aarch64")]
    #[inline(always)]
    fn of(block: &[u8; 16]) -> UncleanMarks {
        use std::arch::aarch64::{
            uint8x16_t, vceqq_u8, vcgeq_u8, vcltq_u8, vdupq_n_u8, vget_lane_u64, vld1q_u8,
            vorrq_u8, vreinterpret_u64_u8, vreinterpretq_u16_u8, vshrn_n_u16,
        };

        // SAFETY: NEON is part of 64-bit Arm, and the block is the sixteen bytes that are loaded.
        unsafe {
            let marks = |found: uint8x16_t| {
                let found = vshrn_n_u16::<4>(vreinterpretq_u16_u8(found));
                vget_lane_u64::<0>(vreinterpret_u64_u8(found))
            };
            let block = vld1q_u8(block.as_ptr());
            let quote = vceqq_u8(block, vdupq_n_u8(b'"'));
            let escape = vceqq_u8(block, vdupq_n_u8(b'\\'));
            UncleanMarks {
                ends: marks(vorrq_u8(quote, escape)),
                controls: marks(vcltq_u8(block, vdupq_n_u8(0x20))),
                beyond_ascii: marks(vcgeq_u8(block, vdupq_n_u8(0x80))),
            }
        }
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    #[inline(always)]
    fn of(block: &[u8; 16]) -> UncleanMarks {
        let marks = |is_marked: fn(u8) -> bool| {
            let bits = block.iter().enumerate();
            bits.fold(0, |mask, (at, &byte)| {
                mask | Marks::from(is_marked(byte)) << at
            })
        };
        UncleanMarks {
            ends: marks(|byte| matches!(byte, b'"' | b'\\')),
            controls: marks(|byte| byte < 0x20),
            beyond_ascii: marks(|byte| byte >= 0x80),
        }
    }
}

/// The definition.
#[inline(always)]
pub fn is_clean(byte: u8) -> bool {
    (0x20..0x80).contains(&byte) && byte != b'"' && byte != b'\\'
}

fn far_clean_len(bytes: &[u8]) -> usize {
    let at = clean_blocks(bytes) * BLOCK;
    at + plain_clean_len(&bytes[at..])
}

#[cfg(target_arch = "x86_64")]
fn clean_blocks(bytes: &[u8]) -> usize {
    #[target_feature(enable = "avx2")]
    fn with_avx2(bytes: &[u8]) -> usize {
        count_clean_blocks(bytes)
    }

    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        unsafe { with_avx2(bytes) }
    } else {
        count_clean_blocks(bytes)
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn clean_blocks(bytes: &[u8]) -> usize {
    count_clean_blocks(bytes)
}

/// How many of the first whole blocks are clean.
#[inline(always)]
fn count_clean_blocks(bytes: &[u8]) -> usize {
    let blocks = bytes.chunks_exact(BLOCK);
    blocks
        .take_while(|block| {
            prefetch_text(block);
            // No early exit, so that the compiler makes vector instructions of it.
            block
                .iter()
                .fold(true, |clean, &byte| clean & is_clean(byte))
        })
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_the_first_quote_or_escape_at_every_place() {
        for len in [0, 1, 15, 16, 17, 50] {
            let mut bytes = vec![b'a'; len];
            assert_eq!(quote_or_escape(&bytes), None);
            for at in (0..len).rev() {
                for byte in [b'"', b'\\', 0xE9, b'\n'] {
                    bytes[at] = byte;
                    let plain = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
                    assert_eq!(quote_or_escape(&bytes), plain);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_short_run_is_what_a_plain_search_finds(
            bytes in prop::collection::vec(
                prop_oneof![
                    10 => Just(b'a'),
                    1 => prop::sample::select(vec![b'"', b'\\', 0, 0x1F, 0x20, 0x7F, 0x80, 0xFF]),
                ],
                0..40,
            )
        ) {
            let near = bytes.first_chunk::<16>();
            let len = near.and_then(|near| near.iter().position(|byte| matches!(byte, b'"' | b'\\')));
            let plain = len.map(|len| {
                let inside = &bytes[..len];
                let start = inside.iter().position(|byte| !byte.is_ascii());
                let end = inside.iter().rposition(|byte| !byte.is_ascii());
                ShortRun {
                    len,
                    has_control: inside.iter().any(|&byte| byte < 0x20),
                    beyond_ascii: start.unwrap_or(0)..end.map_or(0, |end| end + 1),
                }
            });
            prop_assert_eq!(short_run(&bytes), plain);
        }
    }

    #[test]
    fn finds_every_byte_that_is_not_clean_at_every_place() {
        for len in [
            0,
            1,
            NEAR - 1,
            NEAR,
            NEAR + 1,
            NEAR + BLOCK,
            NEAR + 3 * BLOCK + 7,
        ] {
            let clean = vec![b'A'; len];
            assert_eq!(clean_len(&clean), len);
            for at in 0..len {
                for byte in 0..=u8::MAX {
                    let mut bytes = clean.clone();
                    bytes[at] = byte;
                    let plain = bytes.iter().position(|&byte| !is_clean(byte));
                    assert_eq!(clean_len(&bytes), plain.unwrap_or(len), "{byte} at {at}");
                }
            }
        }
    }
}
