//! Rewriting in header values: the targets of `Link`, and `Location`.

use http::HeaderValue;

use super::Origins;

/// The next page is said to be where the gateway is not.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeadsElsewhere;

/// `Link` with every own target (between `<` and `>`) translated. Clients follow these with their credential, so a target anywhere
/// else is left out; `None` when nothing remains.
///
/// # Errors
/// [`LeadsElsewhere`], when such a target is the next page: without it the listing would look complete.
pub(crate) fn rewrite_link(
    value: &HeaderValue,
    origins: &Origins,
) -> Result<Option<HeaderValue>, LeadsElsewhere> {
    let text = value.to_str().map_err(|_| LeadsElsewhere)?;
    let mut rewritten = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((target, after)) = rest
        .split_once('<')
        .and_then(|(_, tail)| tail.split_once('>'))
    {
        let (parameters, following) = after.split_at(after.find('<').unwrap_or(after.len()));
        rest = following;
        let Some((front, back)) = own(target, origins) else {
            if parameters.to_ascii_lowercase().contains("next") {
                return Err(LeadsElsewhere);
            }
            continue;
        };
        if !rewritten.is_empty() {
            rewritten.push_str(", ");
        }
        let parameters = parameters.trim_end_matches([',', ' ', '\t']);
        for part in ["<", front, back, ">", parameters] {
            rewritten.push_str(part);
        }
    }
    if rewritten.is_empty() {
        return Ok(None);
    }
    HeaderValue::try_from(rewritten)
        .map(Some)
        .map_err(|_| LeadsElsewhere)
}

/// `Location` translated; `None` if it leads anywhere else.
pub(crate) fn rewrite_location(value: &HeaderValue, origins: &Origins) -> Option<HeaderValue> {
    let (front, back) = own(value.to_str().ok()?, origins)?;
    HeaderValue::try_from(format!("{front}{back}")).ok()
}

/// A URL that leads to the gateway, in halves; a path alone does.
fn own<'u>(url: &'u str, origins: &'u Origins) -> Option<(&'u str, &'u str)> {
    let path = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    let alone = path.then_some(("", url));
    origins.translate(url).or(alone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn origins() -> Origins {
        let url = |text: &str| Url::parse(text).unwrap();
        Origins::new(
            &[url("https://example.okta.com")],
            &url("https://gate.example"),
        )
    }

    fn linked(text: &str) -> Result<Option<String>, LeadsElsewhere> {
        let value = HeaderValue::from_bytes(text.as_bytes()).unwrap();
        let rewritten = rewrite_link(&value, &origins())?;
        Ok(rewritten.map(|value| value.to_str().unwrap().to_owned()))
    }

    #[test]
    fn link_targets_are_translated_one_by_one_and_foreign_ones_left_out() {
        let told = |text: &str| linked(text).unwrap();
        assert_eq!(
            told("<https://example.okta.com/api/v1/users?after=1,2>; rel=\"next\", <https://else.example/api/>; rel=\"self\"").as_deref(),
            Some("<https://gate.example/api/v1/users?after=1,2>; rel=\"next\"")
        );
        assert_eq!(
            told("<https://else.example/api/>; rel=\"self\",<https://example.okta.com/api/v1/users>; rel=\"next\"").as_deref(),
            Some("<https://gate.example/api/v1/users>; rel=\"next\"")
        );
        assert_eq!(
            told("</api/v1/users?after=1>; rel=\"next\"").as_deref(),
            Some("</api/v1/users?after=1>; rel=\"next\"")
        );
        for nothing in [
            "",
            "<https://example.okta.com/api",
            "rel=next",
            "<>; rel=\"self\"",
            "<//else.example/>; rel=\"self\"",
        ] {
            assert_eq!(told(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_next_page_elsewhere_is_no_page() {
        for text in [
            "<https://else.example/api/v1/users?after=1>; rel=\"next\"",
            "<https://example.okta.com.else.example/api/v1/users>; rel=next",
            "<//else.example/api/v1/users>; REL=NEXT",
            "</\\else.example/>; rel=\"next\"",
            "<https://example.okta.com/api/v1/caf\u{e9}>; rel=\"next\"",
        ] {
            assert_eq!(linked(text), Err(LeadsElsewhere), "{text}");
        }
    }

    #[test]
    fn a_location_leads_to_the_gateway_or_nowhere() {
        let told = |text: &'static str| {
            let value = rewrite_location(&HeaderValue::from_static(text), &origins());
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        let own = told("https://example.okta.com/api/v1/users/00u1");
        assert_eq!(
            own.as_deref(),
            Some("https://gate.example/api/v1/users/00u1")
        );
        assert_eq!(
            told("/api/v1/users/00u1").as_deref(),
            Some("/api/v1/users/00u1")
        );
        for foreign in [
            "https://else.example/",
            "//else.example/",
            "https://example.okta.com@else.example/",
        ] {
            assert_eq!(told(foreign), None, "{foreign}");
        }
    }
}
