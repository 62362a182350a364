//! How much strangers may write into the trail. Without a bound, anybody who reaches the port could fill its disk, and a full
//! disk refuses everybody. Beyond the bound they are counted, and the count is written with the next one noted.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::limits::STRANGERS_NOTED_PER_SECOND_MAX;

/// Counts the strangers refused at one org.
#[derive(Debug, Default)]
pub(crate) struct Strangers(Mutex<Second>);

#[derive(Debug, Default)]
struct Second {
    at: i64,
    noted: u32,
    /// Refused without an entry since the last one noted.
    counted: u64,
}

impl Strangers {
    /// Whether this one is to be noted (then with the number of those that were only counted since the last) or only counted.
    pub(crate) fn refuse(&self, now: Timestamp) -> Option<u64> {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if second.at != now.as_second() {
            second.at = now.as_second();
            second.noted = 0;
        }
        if second.noted >= STRANGERS_NOTED_PER_SECOND_MAX {
            second.counted += 1;
            return None;
        }
        second.noted += 1;
        Some(std::mem::take(&mut second.counted))
    }

    /// The number of those that were only counted since the last one noted.
    pub(crate) fn take_counted(&self) -> u64 {
        let mut second = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut second.counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_noted_up_to_the_bound_and_counted_beyond() {
        let strangers = Strangers::default();
        let (now, later) = (Timestamp::constant(1, 0), Timestamp::constant(2, 0));
        let noted = (0..250).filter(|_| strangers.refuse(now).is_some()).count();
        assert_eq!(noted, STRANGERS_NOTED_PER_SECOND_MAX as usize);
        assert_eq!(strangers.refuse(later), Some(150));
        assert_eq!(strangers.refuse(later), Some(0));
        assert_eq!(strangers.take_counted(), 0);
    }
}
