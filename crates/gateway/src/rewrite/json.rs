//! Rewriting in JSON bodies, without parsing them into anything: one pass that knows where it is, copies every byte as it came
//! and replaces the few strings that are links. Number formats, member order, repeated members and escapes stay.
//!
//! Cost: an answer in which the org's origin does not occur costs one substring search and no copy. Otherwise one pass over the
//! bytes and one copy of them; a stack of one small frame per level of nesting.

use bytes::Bytes;

use super::Origins;
use crate::limits::ANSWER_DEPTH_MAX;

/// The body with the org's links turned into the gateway's; the same bytes when there are none, or it is not JSON.
pub(crate) fn rewrite_body(body: Bytes, origins: &Origins) -> Bytes {
    let Ok(text) = std::str::from_utf8(&body) else {
        return body;
    };
    if !origins.occur_in(text) {
        return body;
    }
    let scanner = Scanner {
        text,
        origins,
        at: 0,
        copied: 0,
        written: String::with_capacity(text.len() + 64),
        frames: vec![Frame::default()],
    };
    match scanner.run() {
        Some(rewritten) => Bytes::from(rewritten),
        None => body,
    }
}

/// One level of nesting.
#[derive(Clone, Copy, Default)]
struct Frame {
    object: bool,
    /// The next string is a member's name.
    names: bool,
    member: Member,
    /// Inside `_links`.
    links: bool,
    /// Inside what people wrote.
    content: bool,
}

/// What a member's name says about its value.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Member {
    #[default]
    Other,
    /// `_links`: in it, `href` is Okta's.
    Links,
    /// `profile`: in it, everything is the customer's.
    Profile,
    Href,
    /// `id`, `$schema`: of a schema, a URL.
    Id,
}

struct Scanner<'a> {
    text: &'a str,
    origins: &'a Origins,
    at: usize,
    copied: usize,
    written: String,
    frames: Vec<Frame>,
}

impl Scanner<'_> {
    /// The rewritten text; `None` when nothing was replaced or the text is not JSON this can follow.
    fn run(mut self) -> Option<String> {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            self.at += 1;
            match byte {
                b'"' => self.string()?,
                b'{' | b'[' => self.descend(*byte == b'{')?,
                b'}' | b']' => {
                    self.frames.pop()?;
                }
                b',' => {
                    let frame = self.frames.last_mut()?;
                    frame.names = frame.object;
                }
                b':' => self.frames.last_mut()?.names = false,
                _ => {}
            }
        }
        if self.copied == 0 || self.frames.len() != 1 {
            return None;
        }
        self.written.push_str(self.text.get(self.copied..)?);
        Some(self.written)
    }

    fn descend(&mut self, object: bool) -> Option<()> {
        if self.frames.len() > ANSWER_DEPTH_MAX {
            return None;
        }
        let above = *self.frames.last()?;
        self.frames.push(Frame {
            object,
            names: object,
            member: Member::Other,
            links: above.links || above.member == Member::Links,
            content: above.content || above.member == Member::Profile,
        });
        Some(())
    }

    /// Reads a string, whose opening quote has just been passed.
    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let step = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            self.at += step + 1;
            if rest.get(step) == Some(&b'"') {
                break;
            }
            escaped = true;
            self.at += 1;
        }
        let raw = self.text.get(start..self.at - 1)?;
        let frame = self.frames.last_mut()?;
        if frame.names {
            frame.member = member(raw);
            return Some(());
        }
        let frame = *frame;
        if let Some(replacement) = self.replacement(frame, raw, escaped) {
            self.written.push_str(self.text.get(self.copied..start)?);
            self.written.push_str(&replacement);
            self.copied = self.at - 1;
        }
        Some(())
    }

    fn replacement(&self, frame: Frame, raw: &str, escaped: bool) -> Option<String> {
        let decoded: String;
        let wanted = match frame.member {
            Member::Href => frame.links && !frame.content,
            Member::Id => !frame.content,
            _ => false,
        };
        if !wanted {
            return None;
        }
        let url = if escaped {
            decoded = serde_json::from_str(&format!("\"{raw}\"")).ok()?;
            decoded.as_str()
        } else {
            raw
        };
        let translated = match frame.member {
            Member::Id => self.origins.translate_schema(url),
            _ => self.origins.translate(url),
        }?;
        if !escaped {
            return Some(translated);
        }
        let quoted = serde_json::to_string(&translated).ok()?;
        quoted
            .strip_prefix('"')?
            .strip_suffix('"')
            .map(str::to_owned)
    }
}

fn member(name: &str) -> Member {
    match name {
        "href" => Member::Href,
        "_links" => Member::Links,
        "id" | "$schema" => Member::Id,
        "profile" => Member::Profile,
        _ => Member::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;
    use url::Url;

    fn rewritten(text: &str) -> String {
        let url = |text: &str| Url::parse(text).unwrap();
        let origins = Origins::new(
            &[url("https://example.okta.com")],
            &url("https://gate.example"),
        );
        let body = rewrite_body(Bytes::copy_from_slice(text.as_bytes()), &origins);
        String::from_utf8(body.to_vec()).unwrap()
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
