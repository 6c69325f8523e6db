//! Comparisons of bytes.

/// Like `==`, but asks nothing of memory for two empty slices. Theirs may be an address of no
/// page, which `memcmp` reads masked out: that costs the processor a hundred cycles.
#[inline(always)]
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn is_equality() {
        let slices: [&[u8]; 5] = [b"", b"a", b"b", b"ab", b"ac"];
        for one in slices {
            for other in slices {
                assert_eq!(is_same(one, other), one == other);
            }
        }
    }
}
