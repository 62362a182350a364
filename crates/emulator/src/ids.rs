//! Ids as Okta makes them: 20 letters and digits, a prefix that tells the type, a middle that grows with time, the org's cell.
//!
//! Also every other random text of the org: tokens, error ids, request ids. All of it follows from the seed and the clock,
//! so that the same story gives the same org.

use jiff::Timestamp;

/// Makes ids and random texts.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    random: fastrand::Rng,
    last: u64,
}

impl Ids {
    /// A maker whose texts follow from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            last: 0,
        }
    }

    /// A new id: `prefix`, then ten characters that grow with time, random ones up to 17, then the cell. Two ids of one
    /// maker never compare equal, and a later one sorts after an earlier one of the same prefix.
    pub(crate) fn id(&mut self, prefix: &str, now: Timestamp) -> String {
        let tick = u64::try_from(now.as_millisecond()).unwrap_or_default() * IDS_PER_MS;
        self.last = tick.max(self.last + 1);
        let mut middle = [0u8; GROWING];
        let mut rest = self.last;
        for place in middle.iter_mut().rev() {
            *place = digit(rest % 62);
            rest /= 62;
        }
        let mut id = String::with_capacity(LENGTH);
        id.push_str(prefix);
        id.extend(middle.iter().map(|b| char::from(*b)));
        let free = LENGTH.saturating_sub(id.len() + CELL.len());
        id.push_str(&self.token(free));
        id.push_str(CELL);
        id
    }

    /// Letters and digits.
    pub(crate) fn token(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(digit(self.random.u64(0..62))))
            .collect()
    }

    /// Lower-case hexadecimal digits.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from_digit(self.random.u32(0..16), 16).unwrap_or('0'))
            .collect()
    }

    /// A random UUID (version 4).
    pub(crate) fn uuid(&mut self) -> String {
        let mut part = |length| self.hex(length);
        let (a, b, c, d, e) = (part(8), part(4), part(3), part(3), part(12));
        format!("{a}-{b}-4{c}-a{d}-{e}")
    }

    /// Random bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.random.u8(..)).collect()
    }
}

/// `0-9A-Za-z` in the order of ASCII, so that texts sort as numbers do.
fn digit(value: u64) -> u8 {
    let value = u8::try_from(value % 62).unwrap_or_default();
    match value {
        0..10 => b'0' + value,
        10..36 => b'A' + (value - 10),
        _ => b'a' + (value - 36),
    }
}

/// Last three characters of every id of this org.
pub(crate) const CELL: &str = "5d7";
/// Length of Okta's ids.
const LENGTH: usize = 20;
/// Characters that grow: 62^10 = 8.4e17 values, the year 2200 needs 7.3e12 ms × 3,844 = 2.8e16.
const GROWING: usize = 10;
/// Ids that fit into one millisecond before the middle runs ahead of the clock.
const IDS_PER_MS: u64 = 62 * 62;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_have_okta_form_and_grow(seed: u64, second in 1_500_000_000i64..4_000_000_000) {
            let mut ids = Ids::new(seed);
            let now = Timestamp::from_second(second).unwrap();
            let made: Vec<String> = (0..50).map(|_| ids.id("00u", now)).collect();
            prop_assert!(made.iter().all(|id| id.len() == 20 && id.starts_with("00u") && id.ends_with(CELL)));
            prop_assert!(made.iter().all(|id| org::id_tokens(id).eq([id.as_str()])));
            prop_assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
