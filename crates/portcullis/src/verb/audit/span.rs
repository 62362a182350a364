//! Times as people type them: an instant, a day, or how long ago.

use crate::failure::{Exit, Failure};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// Reads a time: `2026-11-24T15:00:00Z`, `2026-11-24` (in UTC), `2h`, `7d`.
pub(super) fn read(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let ago = |duration: SignedDuration| now.checked_sub(duration).ok();
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<i64>().ok());
    let read = match (text.parse::<Timestamp>(), text.parse::<Date>()) {
        (Ok(instant), _) => Some(instant),
        (_, Ok(date)) => format!("{date}T00:00:00Z").parse().ok(),
        _ => match days {
            Some(days) => days
                .checked_mul(24)
                .and_then(|hours| SignedDuration::try_from_hours(hours).and_then(ago)),
            None => text.parse::<SignedDuration>().ok().and_then(ago),
        },
    };
    read.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!("`{text}` is not a time"),
            "Write 2026-11-24T15:00:00Z, 2026-11-24, or how long ago: 30m, 2h, 7d.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_days_and_how_long_ago_are_read() {
        let now: Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        for (typed, meant) in [
            ("2026-11-24T14:00:00Z", "2026-11-24T14:00:00Z"),
            ("2026-11-24T14:00:00+01:00", "2026-11-24T13:00:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2h", "2026-11-24T13:00:00Z"),
            ("90m", "2026-11-24T13:30:00Z"),
            ("7d", "2026-11-17T15:00:00Z"),
        ] {
            let meant: Timestamp = meant.parse().unwrap();
            assert_eq!(read(typed, now).unwrap(), meant, "{typed}");
        }
        for bad in ["", "yesterday", "7", "d", "999999999999d", "2026-13-01"] {
            assert!(read(bad, now).is_err(), "{bad}");
        }
    }
}
