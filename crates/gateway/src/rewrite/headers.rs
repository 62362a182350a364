//! Rewriting in header values: the targets of `Link`, and `Location`.

use http::HeaderValue;

use super::Origins;

/// `Link` with every own target (between `<` and `>`) translated; as it came when there is none.
pub(crate) fn rewrite_link(value: &HeaderValue, origins: &Origins) -> HeaderValue {
    let Ok(text) = value.to_str() else {
        return value.clone();
    };
    let mut rewritten = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (target, after))) = rest
        .split_once('<')
        .and_then(|(before, tail)| Some((before, tail.split_once('>')?)))
    {
        rewritten.push_str(before);
        rewritten.push('<');
        let (front, back) = origins.translate(target).unwrap_or(("", target));
        rewritten.push_str(front);
        rewritten.push_str(back);
        rewritten.push('>');
        rest = after;
    }
    rewritten.push_str(rest);
    HeaderValue::try_from(rewritten).unwrap_or_else(|_| value.clone())
}

/// `Location` translated if it is an own URL; as it came otherwise.
pub(crate) fn rewrite_location(value: &HeaderValue, origins: &Origins) -> HeaderValue {
    let translated = value.to_str().ok().and_then(|url| origins.translate(url));
    translated
        .and_then(|(origin, rest)| HeaderValue::try_from(format!("{origin}{rest}")).ok())
        .unwrap_or_else(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn link_targets_are_translated_one_by_one() {
        let url = |text: &str| Url::parse(text).unwrap();
        let origins = Origins::new(
            &[url("https://example.okta.com")],
            &url("https://gate.example"),
        );
        let rewritten = |text: &'static str| {
            let value = rewrite_link(&HeaderValue::from_static(text), &origins);
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            rewritten(
                "<https://example.okta.com/api/v1/users?after=1,2>; rel=\"next\", <https://else.example/api/>; rel=\"self\""
            ),
            "<https://gate.example/api/v1/users?after=1,2>; rel=\"next\", <https://else.example/api/>; rel=\"self\""
        );
        for odd in [
            "",
            "<https://example.okta.com/api",
            "rel=next",
            "<>; rel=\"self\"",
        ] {
            assert_eq!(rewritten(odd), odd);
        }
    }
}
