//! An org with a clock that stands still, and short words for calling it.

use clock::Manual;
use emulator::{Answer, Edition, Emulator, Limits, Request, Settings};
use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// One org and the clock it lives by.
pub(crate) struct World {
    pub emulator: Emulator,
    pub clock: Manual,
}

pub(crate) const TOKEN: &str = "00T-for-tests-only";
pub(crate) const BASE: &str = "https://acme.example.com";

impl World {
    pub(crate) fn new() -> Self {
        Self::limited(Limits::Off)
    }

    pub(crate) fn limited(limits: Limits) -> Self {
        Self::made(limits, Edition::default())
    }

    pub(crate) fn of_edition(edition: Edition) -> Self {
        Self::made(Limits::Off, edition)
    }

    fn made(limits: Limits, edition: Edition) -> Self {
        let clock = Manual::at("2025-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
        let settings = Settings {
            base_url: BASE.to_owned(),
            seed: 7,
            clock: Arc::new(clock.clone()),
            limits,
            token: TOKEN.to_owned(),
        };
        let emulator = Emulator::of_edition(settings, edition);
        Self { emulator, clock }
    }

    pub(crate) fn call(&self, method: Method, target: &str, body: Option<Value>) -> Answer {
        let mut request = Request::new(method, target).with_token(TOKEN);
        if let Some(body) = body {
            request = request.with_json(&body);
        }
        self.emulator.answer(request)
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.call(Method::GET, target, None)
    }

    pub(crate) fn post(&self, target: &str, body: Value) -> Answer {
        self.call(Method::POST, target, Some(body))
    }

    pub(crate) fn put(&self, target: &str, body: Value) -> Answer {
        self.call(Method::PUT, target, Some(body))
    }

    pub(crate) fn delete(&self, target: &str) -> Answer {
        self.call(Method::DELETE, target, None)
    }

    /// Creates and hands back the body; anything but success fails the test.
    pub(crate) fn make(&self, target: &str, body: Value) -> Value {
        let answer = self.post(target, body);
        assert!(answer.status.is_success(), "{target}: {}", text(&answer));
        json(&answer)
    }
}

pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

pub(crate) fn text(answer: &Answer) -> String {
    format!(
        "{} {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    )
}

/// Status and error code.
pub(crate) fn refusal(answer: &Answer) -> (u16, String) {
    (
        answer.status.as_u16(),
        json(answer)["errorCode"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

/// The id of a body.
pub(crate) fn id(body: &Value) -> &str {
    body["id"].as_str().unwrap_or_default()
}

/// The relations of the `Link` headers, in order.
pub(crate) fn rels(answer: &Answer) -> Vec<String> {
    let links = answer
        .headers
        .get_all("link")
        .iter()
        .filter_map(|v| v.to_str().ok());
    links
        .filter_map(|v| v.split("rel=\"").nth(1))
        .map(|v| v.trim_end_matches('"').to_owned())
        .collect()
}

/// Path and query of the `next` link.
pub(crate) fn next(answer: &Answer) -> Option<String> {
    let mut links = answer
        .headers
        .get_all("link")
        .iter()
        .filter_map(|v| v.to_str().ok());
    let next = links.find(|v| v.contains("rel=\"next\""))?;
    next.strip_prefix(&format!("<{BASE}"))?
        .split('>')
        .next()
        .map(str::to_owned)
}
