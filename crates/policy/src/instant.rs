//! Literals of time, read by Cedar itself: whatever it takes a text for, we take it for.

use std::str::FromStr;

use cedar_policy::{
    Context, Entities, EvalResult, Expression, Request, RestrictedExpression, eval_expression,
};

use crate::entity::{ACTION, CLIENT, ORG};
use crate::plain::uid;

/// Milliseconds since 1970 of `datetime("…")`.
pub(crate) fn datetime(text: &str) -> Option<i64> {
    let literal = RestrictedExpression::new_datetime(text);
    measure(
        literal,
        "context.literal.durationSince(datetime(\"1970-01-01\")).toMilliseconds()",
    )
}

/// Milliseconds of `duration("…")`.
pub(crate) fn duration(text: &str) -> Option<i64> {
    let literal = RestrictedExpression::new_duration(text);
    measure(literal, "context.literal.toMilliseconds()")
}

fn measure(literal: RestrictedExpression, expression: &str) -> Option<i64> {
    let context = Context::from_pairs([("literal".to_owned(), literal)]).ok()?;
    let request = Request::new(
        uid(CLIENT, "")?,
        uid(ACTION, "")?,
        uid(ORG, "")?,
        context,
        None,
    )
    .ok()?;
    let expression = Expression::from_str(expression).ok()?;
    match eval_expression(&request, &Entities::empty(), &expression).ok()? {
        EvalResult::Long(milliseconds) => Some(milliseconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_spans_are_read_as_cedar_reads_them() {
        assert_eq!(datetime("1970-01-01"), Some(0));
        assert_eq!(
            datetime("1970-01-02T00:00:00.250+0100"),
            Some(86_400_250 - 3_600_000)
        );
        assert_eq!(datetime("yesterday"), None);
        assert_eq!(duration("1h30m"), Some(5_400_000));
        assert_eq!(duration("-1d1ms"), Some(-86_400_001));
        assert_eq!(duration(""), None);
    }
}
