//! So many per second, with so many in stock.

/// How fast a stock fills and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Added per second.
    pub(crate) per_second: u32,
    /// The most there can be: what may be taken at once after a pause.
    pub(crate) burst: u32,
}

impl Rate {
    fn interval_us(self) -> i64 {
        1_000_000 / i64::from(self.per_second.max(1))
    }

    fn whole_us(self) -> i64 {
        self.interval_us() * i64::from(self.burst.max(1))
    }
}

/// One stock. Keeps a single number: when it will be full again (the generic cell rate algorithm of ITU-T I.371). New ones are full.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// Microseconds of the clock that is handed in.
    full_at_us: i64,
}

impl Bucket {
    /// Takes one, or says after how many microseconds there will be one. A clock that went back leaves it empty at worst.
    pub(crate) fn take(&mut self, rate: Rate, now_us: i64) -> Result<(), i64> {
        let whole_us = rate.whole_us();
        let full_at_us = self
            .full_at_us
            .clamp(now_us, now_us.saturating_add(whole_us));
        let after_us = full_at_us.saturating_add(rate.interval_us());
        let wait_us = after_us.saturating_sub(now_us.saturating_add(whole_us));
        if wait_us > 0 {
            self.full_at_us = full_at_us;
            return Err(wait_us);
        }
        self.full_at_us = after_us;
        Ok(())
    }

    /// Whether it is as if nothing had been taken.
    pub(crate) fn is_full(self, now_us: i64) -> bool {
        self.full_at_us <= now_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        per_second: 10,
        burst: 5,
    };
    const SECOND_US: i64 = 1_000_000;

    fn taken(bucket: &mut Bucket, now_us: i64) -> usize {
        (0..100)
            .take_while(|_| bucket.take(RATE, now_us).is_ok())
            .count()
    }

    #[test]
    fn a_burst_is_followed_by_the_pace() {
        let mut bucket = Bucket::default();
        let start_us = 1_700_000_000 * SECOND_US;
        assert_eq!(taken(&mut bucket, start_us), 5);
        assert_eq!(
            bucket.take(RATE, start_us),
            Err(100_000),
            "a tenth of a second"
        );
        assert_eq!(taken(&mut bucket, start_us + 100_000), 1);
        assert_eq!(
            taken(&mut bucket, start_us + 60 * SECOND_US),
            5,
            "no more than the stock"
        );
    }

    #[test]
    fn refusals_do_not_push_the_next_one_away() {
        let mut bucket = Bucket::default();
        taken(&mut bucket, 0);
        for at_us in 0..100_000 {
            assert!(bucket.take(RATE, at_us).is_err());
        }
        assert_eq!(bucket.take(RATE, 100_000), Ok(()));
    }

    #[test]
    fn a_clock_that_went_back_ten_years_costs_one_stock() {
        let mut bucket = Bucket::default();
        let years_us = 10 * 365 * 86_400 * SECOND_US;
        taken(&mut bucket, years_us);
        assert_eq!(taken(&mut bucket, 0), 0);
        assert_eq!(taken(&mut bucket, SECOND_US), 5);
    }
}
