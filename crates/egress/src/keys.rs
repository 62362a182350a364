//! The published keys of an outside issuer, and where its discovery document says they are. Gives texts; what is in them, and who
//! is believed, is for `access` to say.

use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::Value;

use crate::limits::KEYS_CURRENT_S;
use crate::{Destination, Egress, EgressError, Reach};

/// Keys as an issuer published them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The JWK set, as text. Nothing in it has been looked at.
    pub jwks: String,
    /// For how long it may be taken to be current, in seconds: what its `Cache-Control` says, within bounds.
    pub current_s: u32,
}

/// Fetches the key set at `destination`.
///
/// # Errors
/// [`EgressError`]; anything but a 200 with text is one, redirects included.
pub async fn fetch(egress: &Egress, destination: &Destination) -> Result<Published, EgressError> {
    let answer = get(egress, destination).await?;
    let current_s = current_s(&answer);
    let jwks = text(answer, destination, "key set")?;
    Ok(Published { jwks, current_s })
}

/// Asks the discovery document of `issuer` (OpenID Connect Discovery 1.0 section 4) where its keys are. To be done once, when the
/// issuer is registered.
///
/// # Errors
/// [`EgressError`]; also when the document is another issuer's, or names no place within reach.
pub async fn discover(
    egress: &Egress,
    issuer: &str,
    reach: Reach,
) -> Result<Destination, EgressError> {
    let place = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let place = Destination::parse(&place, reach)?;
    let document = text(get(egress, &place).await?, &place, "discovery document")?;
    let unexpected = |what| EgressError::Unexpected {
        host: place.host(),
        what,
    };
    let document: Value =
        serde_json::from_str(&document).map_err(|_| unexpected("discovery document"))?;
    if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err(unexpected("discovery document of that very issuer"));
    }
    let keys = document.get("jwks_uri").and_then(Value::as_str);
    Destination::parse(
        keys.ok_or_else(|| unexpected("discovery document with a jwks_uri"))?,
        reach,
    )
}

async fn get(egress: &Egress, destination: &Destination) -> Result<Response<Bytes>, EgressError> {
    let mut request = Request::new(Full::default());
    request.headers_mut().insert(
        ACCEPT,
        http::HeaderValue::from_static("application/json, application/jwk-set+json"),
    );
    request
        .headers_mut()
        .insert(USER_AGENT, http::HeaderValue::from_static(PRODUCT));
    let answer = egress.send(destination, request).await?;
    match answer.status() {
        StatusCode::OK => Ok(answer),
        status => Err(EgressError::Refused {
            host: destination.host(),
            status,
        }),
    }
}

fn text(
    answer: Response<Bytes>,
    destination: &Destination,
    what: &'static str,
) -> Result<String, EgressError> {
    String::from_utf8(answer.into_body().into()).map_err(|_| EgressError::Unexpected {
        host: destination.host(),
        what,
    })
}

/// `max-age` within bounds; without one, the longest.
fn current_s<B>(answer: &Response<B>) -> u32 {
    let (least, most) = KEYS_CURRENT_S;
    let header = answer.headers().get(CACHE_CONTROL);
    let directives = header.and_then(|value| value.to_str().ok()).unwrap_or("");
    let named = directives.split(',').find_map(|directive| {
        let (name, seconds) = directive.trim().split_once('=')?;
        name.eq_ignore_ascii_case("max-age").then_some(seconds)
    });
    let seconds = named.map(|seconds| seconds.trim_matches('"').parse().unwrap_or(least));
    seconds.unwrap_or(most).clamp(least, most)
}

/// Some issuers answer nobody who does not say who asks.
const PRODUCT: &str = concat!("portcullis/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_current_for_as_long_as_they_say_within_bounds() {
        let of = |value: Option<&str>| {
            let mut answer = Response::new(());
            if let Some(value) = value {
                answer
                    .headers_mut()
                    .insert(CACHE_CONTROL, value.parse().unwrap());
            }
            current_s(&answer)
        };
        assert_eq!(of(None), 3_600);
        assert_eq!(of(Some("public, max-age=900, must-revalidate")), 900);
        assert_eq!(of(Some("MAX-AGE=\"1200\"")), 1_200);
        assert_eq!(of(Some("max-age=31536000")), 3_600);
        assert_eq!(of(Some("no-store, max-age=0")), 300);
        assert_eq!(of(Some("max-age=soon")), 300);
    }
}
