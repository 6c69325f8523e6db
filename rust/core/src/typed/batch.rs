//! Small events that are decoded together.
//!
//! A call of a JSON decoder costs a good part of what a small event costs in all, and one that
//! decodes many values, one per line, does so at the price of one: the text log is decoded in 0.85
//! of the time. Such a decoder takes values as they come, though: several in a line, or one over
//! several lines. So only flat payloads go into a batch: each begins with `{` and has one `}`, its
//! last byte. No string goes on past a line end in valid JSON, so that as many values as payloads
//! can only be one value each: every value needs a `}` of its own to end. Anything else than that,
//! an error too, and each payload is decoded by itself.

use std::ops::Range;

use crate::frames::Whole;
use crate::like::Pair;
use crate::limits::BATCH;
use crate::spans::FlatLines;
use crate::stream::Stream;
use crate::template::Repeat;

use super::deferral::Deferral;

/// Events read ahead in the current chunk.
#[derive(Debug, Default)]
pub(super) struct Batch {
    events: Vec<Whole>,
    /// The first event that is yet to be delivered.
    next: usize,
    /// The values of the events before `next` that are yet to be delivered.
    values: Range<usize>,
    /// How many of the events are flat, and the bytes of their payloads, one per line.
    flat: usize,
    size: usize,
    /// Where the last event begins, and the one after it.
    last: Range<usize>,
}

impl Batch {
    /// The index of the next value in the batch that was decoded.
    #[inline(always)]
    pub(super) fn next_value(&mut self) -> Option<usize> {
        self.values.next()
    }

    /// The next event that was read, and is not to be decoded with others.
    #[inline(always)]
    pub(super) fn next_event(&mut self) -> Option<Whole> {
        let event = self.events.get(self.next).cloned();
        self.next += usize::from(event.is_some());
        event
    }

    /// Reads on in the chunk as long as events are flat and not deferred, and says whether there are
    /// enough to be decoded together. It is called once for many events.
    #[inline(never)]
    pub(super) fn fill(
        &mut self,
        chunk: &[u8],
        stream: &mut Stream<FlatLines>,
        deferral: &Deferral,
    ) -> bool {
        self.events.clear();
        (self.next, self.flat, self.size) = (0, 0, 0);
        while self.flat < *BATCH.end() {
            let start = stream.position();
            let Some(event) = stream.next_whole(chunk) else {
                break;
            };
            self.last = start..stream.position();
            let payload = &chunk[event.data.clone()];
            let is_flat = stream.data_lines.is_flat()
                && payload.first() == Some(&b'{')
                && !deferral.is_due(payload);
            self.events.push(event);
            if !is_flat {
                break;
            }
            self.flat += 1;
            self.size += payload.len() + 1;
        }
        self.flat >= *BATCH.start()
    }

    /// How many bytes [`Batch::write`] writes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Writes the payloads of the flat events, one a line.
    pub(super) fn write(&self, chunk: &[u8], mut out: &mut [u8]) {
        for event in &self.events[..self.flat] {
            let (line, rest) = out.split_at_mut(event.data.len() + 1);
            let (payload, end) = line.split_at_mut(event.data.len());
            payload.copy_from_slice(&chunk[event.data.clone()]);
            end[0] = b'\n';
            out = rest;
        }
    }

    /// Takes the number of values that they were decoded to, and returns for how many events these
    /// are the values; the others come one by one.
    pub(super) fn accept(&mut self, values: usize) -> usize {
        if values != self.flat {
            return 0;
        }
        self.next = self.flat;
        self.values = 0..values;
        values
    }

    /// The last two events, if the batch is as large as can be, and they are alike: then the next
    /// ones may be, too.
    pub(super) fn alike(&self, chunk: &[u8]) -> Option<Pair> {
        if self.flat != *BATCH.end() {
            return None;
        }
        let [.., before, event] = &self.events[..] else {
            return None;
        };
        let payload = event.data.clone();
        let event = Repeat {
            lines_end: payload.end,
            payload,
            next: self.last.end,
        };
        Pair::of(chunk, before.data.clone(), self.last.start, event)
    }
}
