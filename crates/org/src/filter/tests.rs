//! What filters mean, and that reading and printing them loses nothing.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn matches(text: &str, body: &Value) -> bool {
    Filter::parse(text).unwrap().matches(body)
}

#[test]
fn and_binds_tighter_than_or() {
    let body = json!({"a": "1", "b": "2", "c": "3"});
    assert!(matches("a eq \"1\" or b eq \"x\" and c eq \"x\"", &body));
    assert!(!matches("(a eq \"1\" or b eq \"x\") and c eq \"x\"", &body));
}

#[test]
fn people_are_found_by_profile_status_and_time() {
    let user = json!({"id": "00u1", "status": "ACTIVE", "lastUpdated": "2025-03-01T10:00:00.000Z",
        "profile": {"login": "ada@example.com", "department": null, "tags": ["blue", "red"], "admin": false, "level": 3}});
    for text in [
        "profile.login eq \"ADA@example.com\"",
        "status eq \"ACTIVE\" and not (status eq \"STAGED\")",
        "lastUpdated gt \"2025-03-01T09:59:59Z\" and lastUpdated le \"2025-03-01T10:00:00.000Z\"",
        "profile.tags eq \"red\"",
        "profile.admin eq false",
        "profile.level ge 3",
        "profile.login sw \"ad\" and profile.login co \"@\" and profile.login ew \".com\"",
        "profile.department ne \"Sales\"",
        "id pr AND NOT (profile.department pr)",
        "profile.absent eq null",
    ] {
        assert!(matches(text, &user), "{text}");
    }
    assert!(!matches("profile.tags eq \"green\"", &user));
    assert!(!matches("profile.department sw \"S\"", &user));
}

#[test]
fn what_is_no_filter_is_refused_with_its_place() {
    let refused = |text| Filter::parse(text).unwrap_err();
    assert!(matches!(
        refused(""),
        FilterError::Expected {
            expected: "an attribute",
            at: 0
        }
    ));
    assert_eq!(
        refused("a is \"b\""),
        FilterError::UnknownOperator {
            word: "is".to_owned(),
            at: 2
        }
    );
    assert_eq!(refused("a eq \"b"), FilterError::Unterminated { at: 5 });
    assert!(matches!(
        refused("a eq b"),
        FilterError::Expected { at: 5, .. }
    ));
    assert!(matches!(
        refused("a pr b pr"),
        FilterError::Expected { at: 5, .. }
    ));
    let deep = "(".repeat(40) + "a pr" + &")".repeat(40);
    assert_eq!(refused(&deep), FilterError::TooDeep);
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        ".{0,12}".prop_map(Literal::Text),
        (-1_000_000i32..1_000_000).prop_map(|n| Literal::Number(f64::from(n) / 4.0)),
        any::<bool>().prop_map(Literal::Truth),
        Just(Literal::Null),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let attribute =
        "[a-z]{2,6}(\\.[a-z]{2,6})?".prop_filter("a word of the language", |a| a != "not");
    let operator = prop::sample::select(Operator::WORDS.map(|(_, operator)| operator).to_vec());
    let leaf = prop_oneof![
        (attribute.clone(), operator, literal()).prop_map(|(attribute, operator, value)| {
            Filter::Compare {
                attribute,
                operator,
                value,
            }
        }),
        attribute.prop_map(Filter::Present),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Any),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #[test]
    fn reading_never_panics(text in ".{0,60}") {
        let _ = Filter::parse(&text);
    }

    #[test]
    fn what_is_printed_reads_back_the_same(filter in filter()) {
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }
}
