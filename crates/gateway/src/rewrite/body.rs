//! Which strings of a body are links, on the way to the caller and on the way back.
//!
//! Both ways are one rule, so that what a caller read through the gateway and sends back reaches Okta as Okta wrote it.
//! Cost: a body in which the origin does not occur costs one substring search and no copy.

use std::convert::Infallible;

use bytes::Bytes;

use super::Origins;
use super::scan::{Around, Member, Place, Put, Rule, Want, replace};

/// An answer's body with the org's links turned into the gateway's; the same bytes when there are none, or it is not JSON.
pub(crate) fn rewrite_answer(body: Bytes, origins: &Origins) -> Bytes {
    match std::str::from_utf8(&body) {
        Ok(text) if origins.occur_in(text) => {
            replaced(text, &ToCaller(origins)).map_or_else(|| body.clone(), Bytes::from)
        }
        _ => body,
    }
}

/// A request's body with the gateway's links turned back into the org's. `objects`: members that name objects by URL count too,
/// because a caller builds those URLs from the only address of the org it knows.
pub(crate) fn restore_request(body: Bytes, origins: &Origins, objects: bool) -> Bytes {
    match std::str::from_utf8(&body) {
        Ok(text) if origins.is_public_in(text) => {
            replaced(text, &ToOkta { origins, objects }).map_or_else(|| body.clone(), Bytes::from)
        }
        _ => body,
    }
}

/// The text with links replaced; `None` when there are none or the text is not JSON this can follow.
fn replaced<L: Links>(text: &str, links: &L) -> Option<String> {
    replace(text, &LinksAlone(links)).ok().flatten()
}

/// Which links become which.
trait Links {
    /// The two halves of what to put in the link's place; `None` leaves it.
    fn link<'t>(&'t self, place: Place, url: &'t str) -> Option<(&'t str, &'t str)>;
}

struct LinksAlone<'l, L>(&'l L);

impl<L: Links> Rule for LinksAlone<'_, L> {
    type Step = ();
    type Stop = Infallible;

    fn root(&self) -> Self::Step {}

    fn member(&self, (): Self::Step, _: &str, _: bool) -> Self::Step {}

    fn wants(&self, place: Place, (): Self::Step) -> Want {
        match place.member {
            Member::Other => Want::Nothing,
            _ => Want::String,
        }
    }

    fn string<'t>(
        &'t self,
        place: Place,
        (): Self::Step,
        said: &'t str,
        _: &Around<'_>,
    ) -> Result<Put<'t>, Infallible> {
        let link = self.0.link(place, said);
        Ok(link.map_or(Put::Nothing, |(front, back)| Put::Halves(front, back)))
    }
}

struct ToCaller<'o>(&'o Origins);

impl Links for ToCaller<'_> {
    fn link<'t>(&'t self, place: Place, url: &'t str) -> Option<(&'t str, &'t str)> {
        link_to_caller(self.0, place, url)
    }
}

/// The gateway's URL, in halves, for a link of the org's at this place; `None` leaves what stands there.
pub(crate) fn link_to_caller<'t>(
    origins: &'t Origins,
    place: Place,
    url: &'t str,
) -> Option<(&'t str, &'t str)> {
    match kind_at(place)? {
        Link::Schema => origins.translate_schema(url),
        Link::Followed => origins.translate(url),
        Link::Object => None,
    }
}

struct ToOkta<'o> {
    origins: &'o Origins,
    objects: bool,
}

impl Links for ToOkta<'_> {
    fn link<'t>(&'t self, place: Place, url: &'t str) -> Option<(&'t str, &'t str)> {
        match kind_at(place)? {
            Link::Object if !self.objects => None,
            _ => self.origins.restore(url),
        }
    }
}

enum Link {
    /// Where to go next.
    Followed,
    /// The id of a schema.
    Schema,
    /// An object named by its URL.
    Object,
}

fn kind_at(place: Place) -> Option<Link> {
    match place.member {
        _ if place.content => None,
        Member::Href if place.links => Some(Link::Followed),
        Member::Id => Some(Link::Schema),
        Member::Objects => Some(Link::Object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;
    use url::Url;

    fn origins() -> Origins {
        let url = |text: &str| Url::parse(text).unwrap();
        Origins::new(
            &[url("https://example.okta.com")],
            &url("https://gate.example"),
        )
    }

    fn rewritten(text: &str) -> String {
        let body = rewrite_answer(Bytes::copy_from_slice(text.as_bytes()), &origins());
        String::from_utf8(body.to_vec()).unwrap()
    }

    fn restored(text: &str, objects: bool) -> String {
        let body = restore_request(Bytes::copy_from_slice(text.as_bytes()), &origins(), objects);
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn objects_named_by_the_gateways_urls_are_the_orgs_objects() {
        let named = |origin: &str| {
            format!(
                r#"{{"label":"{origin}/api/","resources":["{origin}/api/v1/users","orn:okta:x"],"resourceOrnOrUrl":"{origin}/api/v1/groups/00g1"}}"#
            )
        };
        let expected = named("https://example.okta.com").replace(
            "\"label\":\"https://example.okta.com",
            "\"label\":\"https://gate.example",
        );
        assert_eq!(restored(&named("https://gate.example"), true), expected);
        let elsewhere = named("https://gate.example");
        assert_eq!(restored(&elsewhere, false), elsewhere);
        let other = named("https://gate.example.evil.example");
        assert_eq!(restored(&other, true), other);
    }

    #[test]
    fn links_become_the_gateways_and_every_other_byte_stays() {
        let before = r#"[ {"id":"00u1", "n" : 1.50e+3,"n":-0,"s":"\u00e9\/",
  "_links":{"self":{"href":"https://example.okta.com/api/v1/users/00u1"},
            "deactivate":[{"href":"https:\/\/example.okta.com\/api\/v1\/users\/00u1","method":"POST"}],
            "logo":[{"href":"https://cdn.okta.com/l.png"}],
            "appLinks":[{"href":"https://example.okta.com/home/x/0oa1/aln1"}]} } ]"#;
        let after = before
            .replace(
                "\"https://example.okta.com/api",
                "\"https://gate.example/api",
            )
            .replace(
                "\"https:\\/\\/example.okta.com\\/api\\/v1\\/users\\/00u1",
                "\"https://gate.example/api/v1/users/00u1",
            );
        assert_eq!(rewritten(before), after);
    }

    #[test]
    fn links_with_escaped_slashes_are_links_too() {
        let named = |origin: &str| format!(r#"{{"resources":["{origin}\/api\/v1\/users"]}}"#);
        assert_eq!(
            restored(&named(r"https:\/\/gate.example"), true),
            r#"{"resources":["https://example.okta.com/api/v1/users"]}"#
        );
        let link = r#"{"_links":{"self":{"href":"https:\/\/example.okta.com\/api\/v1\/users"}}}"#;
        assert!(rewritten(link).contains("https://gate.example/api/v1/users"));
    }

    #[test]
    fn ids_of_schemas_are_links_and_other_ids_are_not() {
        assert_eq!(
            rewritten(
                r#"{"id":"https://example.okta.com/meta/schemas/user/default","$schema":"http://json-schema.org/draft-04/schema#"}"#
            ),
            r#"{"id":"https://gate.example/meta/schemas/user/default","$schema":"http://json-schema.org/draft-04/schema#"}"#
        );
        let other = r#"{"id":"https://example.okta.com/api/v1/users"}"#;
        assert_eq!(rewritten(other), other);
    }

    #[test]
    fn what_people_wrote_is_left_alone() {
        for text in [
            r#"{"profile":{"href":"https://example.okta.com/api/v1/a","_links":{"x":{"href":"https://example.okta.com/api/v1/a"}}}}"#,
            r#"{"name":"_links","x":{"href":"https://example.okta.com/api/v1/a"}}"#,
            r#"{"_links":{"self":{"title":"https://example.okta.com/api/v1/a"}}}"#,
            r#"{"note":"\"_links\":{\"self\":{\"href\":\"https://example.okta.com/api/v1/a\"}}"}"#,
            r#"{"issuer":"https://example.okta.com/oauth2/aus1"}"#,
            r#"["_links","href","https://example.okta.com/api/v1/a"]"#,
        ] {
            assert_eq!(rewritten(text), text);
        }
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        let link = r#"{"_links":{"self":{"href":"https://example.okta.com/api/v1/a"}}"#;
        for text in [
            link,
            &format!("{link}}}}}"),
            &link[..40],
            &format!("{}{link}", "[".repeat(300)),
            &format!("{link}}}\""),
        ] {
            assert_eq!(rewritten(text), text);
        }
    }

    /// JSON with the members that matter in all kinds of places, and links as values now and then.
    fn json(link: &'static str) -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::from(format!("{link}/api/v1/users/00u1"))),
            Just(Value::from(format!("{link}/meta/schemas/x"))),
            "\\PC{0,12}".prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            let name = prop_oneof![
                Just("_links"),
                Just("href"),
                Just("id"),
                Just("profile"),
                Just("x\"")
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((name.prop_map(str::to_owned), inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The rule written a second time, over parsed values.
    fn expected(value: &mut Value, member: &str, links: bool, content: bool) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members.iter_mut() {
                    expected(
                        inner,
                        name,
                        links || member == "_links",
                        content || member == "profile",
                    );
                }
            }
            Value::Array(items) => {
                let (links, content) =
                    (links || member == "_links", content || member == "profile");
                items
                    .iter_mut()
                    .for_each(|item| expected(item, "", links, content));
            }
            Value::String(text) => {
                let served =
                    member == "href" && links && text.starts_with("https://example.okta.com/");
                let schema = member == "id" && text.starts_with("https://example.okta.com/meta/");
                if !content && (served || schema) {
                    *text = text.replace("https://example.okta.com", "https://gate.example");
                }
            }
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn nothing_changes_where_the_host_does_not_occur(value in json("https://other.example")) {
            let text = value.to_string();
            prop_assert_eq!(rewritten(&text), text);
        }

        #[test]
        fn what_was_read_and_is_sent_back_reaches_the_org_as_it_wrote_it(value in json("https://example.okta.com")) {
            let text = value.to_string();
            prop_assert_eq!(restored(&rewritten(&text), false), text);
        }

        #[test]
        fn the_scan_agrees_with_the_rule_over_parsed_values(mut value in json("https://example.okta.com")) {
            let text = serde_json::to_string_pretty(&value).unwrap();
            let after: Value = serde_json::from_str(&rewritten(&text)).unwrap();
            expected(&mut value, "", false, false);
            prop_assert_eq!(after, value);
        }

        #[test]
        fn any_text_whatever_survives(text in "\\PC{0,40}") {
            let framed = format!("{{\"_links\":{{\"self\":{{\"href\":{text}https://example.okta.com");
            prop_assert_eq!(rewritten(&framed), framed);
        }
    }
}
