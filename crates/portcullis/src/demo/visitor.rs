//! Somebody who calls an org over HTTP with a token in hand: a script at the gateway, or a thief at Okta's own door. Speaks plain HTTP to
//! loopback addresses, as the demo's org and gateway do.

use crate::failure::Failure;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A caller of the demo.
pub(crate) struct Visitor {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: String,
    authorization: String,
}

/// What a call brought.
pub(crate) struct Heard {
    /// Status.
    pub status: StatusCode,
    /// Parsed body; null if there was none.
    pub body: Value,
    /// Target of the `rel="next"` link, if any.
    pub next: Option<String>,
}

impl Visitor {
    /// Somebody calling `origin` with `token`.
    pub(crate) fn new(origin: &str, token: &str) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            origin: origin.trim_end_matches('/').to_owned(),
            authorization: format!("SSWS {token}"),
        }
    }

    /// One call; `target` is a path with query, or an absolute link of the same origin.
    pub(crate) async fn call(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> Result<Heard, Failure> {
        let target = target.strip_prefix(&self.origin).unwrap_or(target);
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.origin))
            .header("authorization", &self.authorization)
            .header("accept", "application/json")
            .header(
                "user-agent",
                concat!("portcullis-demo/", env!("CARGO_PKG_VERSION")),
            );
        let bytes = body
            .map(|body| Bytes::from(body.to_string()))
            .unwrap_or_default();
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(Full::new(bytes)).map_err(Failure::broken)?;
        let answer = self
            .client
            .request(request)
            .await
            .map_err(Failure::broken)?;
        let (status, next) = (answer.status(), next_link(answer.headers()));
        let bytes = answer
            .into_body()
            .collect()
            .await
            .map_err(Failure::broken)?
            .to_bytes();
        Ok(Heard {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            next,
        })
    }

    /// All items of a list, page by page.
    pub(crate) async fn list(&self, target: &str) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        let mut next = Some(target.to_owned());
        while let Some(target) = next {
            let heard = self.call(Method::GET, &target, None).await?;
            if let Value::Array(page) = heard.body {
                items.extend(page);
            }
            next = heard.next;
        }
        Ok(items)
    }
}

fn next_link(headers: &http::HeaderMap) -> Option<String> {
    headers
        .get_all("link")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(|link| {
            let (target, relation) = link.split_once('>')?;
            relation
                .contains("rel=\"next\"")
                .then(|| target.trim_start_matches('<').to_owned())
        })
}
