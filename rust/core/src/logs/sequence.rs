//! The sequence numbers of a stream: which never came, and which came again.

use std::collections::BTreeMap;

/// More gaps than this are not kept: what they lack is missing for good.
pub const MAX_GAPS: usize = 65_536;

/// The numbers seen so far.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    /// The lowest and the highest.
    seen: Option<(i64, i64)>,
    /// What lies between them and did not come: the last number of each gap by its first. A tree,
    /// because a log may fill tens of thousands of gaps in any order.
    gaps: BTreeMap<i64, i64>,
    /// How many numbers lie in gaps that were not kept.
    lost: u64,
    duplicates: u64,
}

impl Sequence {
    /// Takes in an event's number.
    #[inline(always)]
    pub fn add(&mut self, number: i64) {
        match &mut self.seen {
            Some((_, highest)) if highest.checked_add(1) == Some(number) => *highest = number,
            None => self.seen = Some((number, number)),
            Some(_) => self.add_out_of_order(number),
        }
    }

    /// The highest number so far.
    #[inline(always)]
    pub fn highest(&self) -> Option<i64> {
        self.seen.map(|(_, highest)| highest)
    }

    /// How many numbers between the lowest and the highest never came.
    pub fn missing(&self) -> i64 {
        let sizes = self.gaps.iter().map(|(&first, &last)| size(first, last));
        let missing = sizes.fold(self.lost, u64::saturating_add);
        i64::try_from(missing).unwrap_or(i64::MAX)
    }

    /// How many events had a number that had come before.
    pub fn duplicates(&self) -> i64 {
        i64::try_from(self.duplicates).unwrap_or(i64::MAX)
    }

    #[cold]
    fn add_out_of_order(&mut self, number: i64) {
        let Some((lowest, highest)) = self.seen else {
            return;
        };
        if number > highest {
            self.add_gap(highest + 1, number - 1);
            self.seen = Some((lowest, number));
        } else if number < lowest {
            if number + 1 < lowest {
                self.add_gap(number + 1, lowest - 1);
            }
            self.seen = Some((number, highest));
        } else {
            self.fill(number);
        }
    }

    fn add_gap(&mut self, first: i64, last: i64) {
        if self.gaps.len() < MAX_GAPS {
            self.gaps.insert(first, last);
        } else {
            self.lost = self.lost.saturating_add(size(first, last));
        }
    }

    fn fill(&mut self, number: i64) {
        let before = self.gaps.range(..=number).next_back();
        match before.map(|(&first, &last)| (first, last)) {
            Some((first, last)) if number <= last => {
                self.gaps.remove(&first);
                if first < number {
                    self.add_gap(first, number - 1);
                }
                if number < last {
                    self.add_gap(number + 1, last);
                }
            }
            _ => self.duplicates += 1,
        }
    }
}

fn size(first: i64, last: i64) -> u64 {
    last.abs_diff(first).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(numbers: &[i64]) -> (i64, i64) {
        let mut sequence = Sequence::default();
        numbers.iter().for_each(|&number| sequence.add(number));
        (sequence.missing(), sequence.duplicates())
    }

    #[test]
    fn counts_what_is_missing_and_what_came_again() {
        assert_eq!(counts(&[]), (0, 0));
        assert_eq!(counts(&[5, 6, 7]), (0, 0));
        assert_eq!(counts(&[0, 1, 4, 4]), (2, 1));
        assert_eq!(counts(&[0, 5, 3, 1, 2, 4, 2]), (0, 1));
        assert_eq!(counts(&[9, 2, 5]), (5, 0));
        assert_eq!(counts(&[3, 2, 1, 1]), (0, 1));
        assert_eq!(counts(&[i64::MIN, i64::MAX]), (i64::MAX, 0));
        assert_eq!(counts(&[0, 100, 50, 25, 75, 50, 60, 59, 61]), (93, 1));
    }

    #[test]
    fn fills_the_gaps_that_are_kept() {
        let kept = MAX_GAPS as i64;
        let numbers = (0..=kept + 10).map(|number| number * 2);
        // The first and the last gap that are kept, and the first that is not.
        let late = [1, kept * 2 - 1, kept * 2 + 1];
        let numbers: Vec<i64> = numbers.chain(late).collect();
        assert_eq!(counts(&numbers), (kept + 8, 1));
    }
}
