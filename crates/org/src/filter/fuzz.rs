//! Filters as anybody may write them: what is read can be written, and means the same then.

use ::fuzz::Target;
use serde_json::json;

use super::Filter;

#[test]
fn a_filter_that_was_read_is_written_and_read_as_the_same() {
    let user = json!({"id": "00u1", "status": "ACTIVE", "lastUpdated": "2025-03-01T10:00:00.000Z",
        "profile": {"login": "ada@example.com", "department": null, "tags": ["blue", "red"], "admin": false, "level": 3}});
    let ran = Target::named("filters, evaluated")
        .seeds([
            "status eq \"ACTIVE\"",
            "profile.level ge 3 and not (profile.tags eq \"re\\\"d\\\\\")",
            "lastUpdated gt \"2025-01-01T00:00:00.000Z\" or id pr",
            "profile.admin eq false AND (profile.department ne null or profile.login sw \"a\")",
            "id eq",
        ])
        .words([
            " and ", " or ", "not ", "(", ")", " eq ", " sw ", " pr", " gt ", "\"", "\\", "1e308",
            "-0.0", "true", "null", "profile.", "\u{e9}",
        ])
        .run(|input| {
            let text = std::str::from_utf8(input).ok()?;
            let filter = match Filter::parse(text) {
                Ok(filter) => filter,
                Err(fault) => return Some(format!("{:?}", std::mem::discriminant(&fault))),
            };
            let written = filter.to_string();
            let again =
                Filter::parse(&written).unwrap_or_else(|fault| panic!("`{written}`: {fault}"));
            assert_eq!(again, filter, "`{written}`");
            assert_eq!(again.matches(&user), filter.matches(&user));
            Some(filter.matches(&user).to_string())
        });
    let ran = ran.unwrap();
    println!("{ran}");
    assert!(ran.outcomes > 3, "{ran}");
}
