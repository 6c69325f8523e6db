//! A payload in segments: data that is not joined, because its chunks keep parts of it.
//!
//! Copying an image out of its network chunks costs as much as all else that is done with it:
//! with this module the image log in 64 KiB chunks is decoded in half the time.

use std::ops::Range;

use crate::frames::Kept;
use crate::spans::Span;

/// A segment of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// A range of the data that was joined.
    Joined(Range<usize>),
    /// The kept part of this number.
    Kept(usize),
}

/// The segments of a payload of which `joined_len` bytes were joined.
pub fn segments(joined_len: usize, kept: &[Kept]) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(2 * kept.len() + 1);
    let mut at = 0;
    for (number, part) in kept.iter().enumerate() {
        if at < part.at {
            segments.push(Segment::Joined(at..part.at));
            at = part.at;
        }
        segments.push(Segment::Kept(number));
    }
    if at < joined_len {
        segments.push(Segment::Joined(at..joined_len));
    }
    segments
}

/// The bytes of these segments, in their order.
pub fn pieces<'a>(
    joined: &'a [u8],
    kept: impl Fn(usize) -> &'a [u8],
    segments: &[Segment],
) -> impl Iterator<Item = &'a [u8]> {
    segments.iter().map(move |segment| match segment {
        Segment::Joined(range) => &joined[range.clone()],
        Segment::Kept(number) => kept(*number),
    })
}

/// The payload that consists of these segments, in one piece.
pub fn join<'a>(
    joined: &'a [u8],
    kept: impl Fn(usize) -> &'a [u8],
    segments: &[Segment],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces(joined, kept, segments) {
        bytes.extend_from_slice(piece);
    }
    bytes
}

/// What `range` of a payload consists of, whose parts have these lengths: the number of each part,
/// and the range of it.
pub fn slice(
    lengths: impl IntoIterator<Item = usize>,
    range: Range<usize>,
) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut start = 0;
    let parts = lengths.into_iter().enumerate();
    parts.filter_map(move |(number, length)| {
        let from = range.start.max(start);
        let to = range.end.min(start + length);
        let inner = from.saturating_sub(start)..to.saturating_sub(start);
        start += length;
        (from < to).then_some((number, inner))
    })
}

/// The spans of a payload, given those of what was joined of it; `None` if not all kept parts lie
/// within them.
///
/// Nothing in clean bytes ends a string, so that they change nothing about the strings if they
/// lie within one; and they lie within one that is clean. What lies elsewhere may change all.
pub fn spans_with(spans: &[Span], kept: &[Kept]) -> Option<Vec<Span>> {
    let is_within = |part: &Kept| {
        spans
            .iter()
            .any(|span| (span.start..=span.end).contains(&part.at))
    };
    let before = |is_before: &dyn Fn(usize) -> bool| -> usize {
        let parts = kept.iter().filter(|part| is_before(part.at));
        parts.map(|part| part.len).sum()
    };
    kept.iter().all(is_within).then(|| {
        spans
            .iter()
            .map(|span| Span {
                start: span.start + before(&|at| at < span.start),
                end: span.end + before(&|at| at <= span.end),
            })
            .collect()
    })
}
