//! Times as tokens write them: seconds since 1970 (`NumericDate`, RFC 7519 section 2).
//!
//! It compares nothing with now.

use serde_json::Value;

/// 9999-12-30T00:00:00Z: later than this is no time a calendar here knows.
const LATEST: i64 = 253_402_128_000;

/// The whole seconds of a JSON number between 1970 and 9999; a fraction is cut off. None for anything else: a number
/// written as text, a negative one, infinity.
pub fn read_seconds(value: &Value) -> Option<i64> {
    let whole = match value.as_i64() {
        Some(whole) => whole,
        None => {
            let number = value.as_f64()?;
            if !(0.0..=LATEST as f64).contains(&number) {
                return None;
            }
            number as i64
        }
    };
    (0..=LATEST).contains(&whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_numbers_within_the_calendar_are_times() {
        assert_eq!(read_seconds(&json!(1_700_000_000)), Some(1_700_000_000));
        assert_eq!(read_seconds(&json!(1_700_000_000.9)), Some(1_700_000_000));
        assert_eq!(read_seconds(&json!(0)), Some(0));
        for no in [
            json!(-1),
            json!("1700000000"),
            json!(null),
            json!(true),
            json!([1]),
            json!({"a": 1}),
            json!(1e300),
            json!(-0.5e-3),
            json!(u64::MAX),
            json!(i64::MAX),
        ] {
            assert_eq!(read_seconds(&no), None, "{no}");
        }
    }
}
