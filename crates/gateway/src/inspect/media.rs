//! A body of a type that the operation does not take: `curl -d` without a header, a form where JSON belongs, a body on a GET.
//! Cost: a comparison of two short texts.

use access::Call;
use catalog::Method;

use crate::refusal::Refusal;
use crate::table::Kind;

/// Refuses a body whose media type is not among the documented ones; JSON where none is documented.
pub(crate) fn inspect(call: &Call) -> Result<(), Refusal> {
    let Some(body) = &call.body else {
        return Ok(());
    };
    let operation = call.operation;
    let bodiless = matches!(
        operation.method,
        Method::Get | Method::Delete | Method::Options
    );
    let documented = operation
        .body
        .as_ref()
        .map_or(&[][..], |body| body.media.as_slice());
    if documented.is_empty() && bodiless {
        let cause = format!("`{}` takes no body.", operation.id);
        return Err(Refusal::new(Kind::Malformed, "unexpected_body").because(cause));
    }
    let accepted = if documented.is_empty() {
        &["application/json"][..]
    } else {
        documented
    };
    let media = body.content_type.split(';').next().unwrap_or_default();
    if accepted.iter().any(|known| matches(known, media)) {
        return Ok(());
    }
    let cause = format!(
        "`{}` takes {}, not {media}.",
        operation.id,
        accepted.join(", ")
    );
    Err(Refusal::new(Kind::WrongType, "wrong_media_type").because(cause))
}

/// Whether a documented type, which may be a range like `image/*`, covers the given one.
fn matches(known: &str, media: &str) -> bool {
    // Documents write a version behind the type, of which nothing is left in `media`.
    let known = known.split([';', ',']).next().unwrap_or_default().trim();
    match known.strip_suffix('*') {
        Some("*/") => true,
        Some(family) => media.starts_with(family),
        None => known.eq_ignore_ascii_case(media),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_documented_type_covers_itself_whatever_version_stands_behind_it() {
        assert!(matches(
            "application/json;okta-version=1.0.0",
            "application/json"
        ));
        assert!(matches(
            "application/json, okta-version=1.0.0",
            "application/json"
        ));
        assert!(matches("image/*", "image/png") && matches("*/*", "a/b"));
        assert!(!matches("application/merge-patch+json", "application/json"));
    }
}
