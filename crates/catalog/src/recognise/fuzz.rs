//! Request lines as anybody may send them: what is recognised has one form, and that form says the same.

use ::fuzz::Target;

use super::{operations_at, recognise};
use crate::{QUERY_BYTES_MAX, encode_query};

#[test]
fn what_is_recognised_is_recognised_again_by_its_canonical_form() {
    let ran = Target::named("request lines")
        .seeds([
            "GET /api/v1/users?limit=2&after=00u1",
            "GET /api/v1/users/",
            "POST /api/v1//groups",
            "PUT /api/v1/groups/00g1/users/00u1",
            "GET /api/v1/users/ada%40example.com",
            "GET /api/v1/users/a%2fb",
            "GET /api/v1/users?search=profile.login%20eq%20%22ada%22&x",
            "DELETE /api/v1/apps/0oa1;x=1",
            "GET /oauth2/v1/clients/../apps",
            "PATCH /nowhere",
            "POST /idp/myaccount/emails",
            "GET /governance/api/v1/campaigns?filter=a+b",
            "GET /api/v1/users/%252e",
            "GET /.well-known/okta-organization",
            "DELETE /api/v1/apps/%c3%a9",
        ])
        .words([
            "/",
            "//",
            "/./",
            "/../",
            "%2e",
            "%2F",
            "%25",
            "%00",
            "%c0%af",
            "%c3%a9",
            "?",
            "&",
            "=",
            "+",
            ";",
            "#",
            "\\",
            "00u1",
            "me",
            "lifecycle",
            "default",
            "GET ",
            "DELETE ",
            "HEAD ",
            "/api/v1/",
            "policies",
            "rules",
        ])
        .run(|input| {
            let text = std::str::from_utf8(input).ok()?;
            let (method, target) = text.split_once(' ')?;
            let known = match recognise(method, target) {
                Ok(known) => known,
                Err(refusal) => return Some(refusal.to_string()),
            };
            assert!(
                operations_at(target).any(|one| one.id == known.operation.id),
                "the path is not that of the operation"
            );
            let again = recognise(method, &known.path).expect("the canonical path");
            assert_eq!(again.operation.id, known.operation.id);
            assert_eq!(
                (&again.path, &again.parameters),
                (&known.path, &known.parameters)
            );

            let values: Vec<(&str, &str)> = known
                .parameters
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            let built = known
                .operation
                .path(&values)
                .expect("what was read can be built");
            let rebuilt = recognise(method, &built).expect("what was built can be read");
            assert_eq!(rebuilt.operation.id, known.operation.id);
            assert_eq!(rebuilt.parameters, known.parameters);

            let query = encode_query(known.query.iter().map(|(name, value)| (name, value)));
            if query.len() <= QUERY_BYTES_MAX {
                let target = format!("{built}?{query}");
                let read = recognise(method, &target).expect("a query that was written");
                // A pair without a name or a value is written as `=`, and read as such.
                assert_eq!(read.query, known.query);
            }
            Some(known.operation.id.to_owned())
        });
    let ran = ran.unwrap();
    println!("{ran}");
    assert!(ran.outcomes > 10, "{ran}");
}
