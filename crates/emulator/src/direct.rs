//! An emulated org called directly, without a network between: the upstream of tests, rehearsals and demonstrations.
//!
//! Every call arrives as it would over HTTP, with an API token, and is answered at once. Nothing is paced or repeated here:
//! rate limits, where the org has any, show as 429.

use crate::{Emulator, Request};
use access::{Call, Permit};
use audit::Recorded;
use catalog::Method;
use http::HeaderName;
use http::header::{ACCEPT, CONTENT_TYPE, IF_MATCH, USER_AGENT};
use std::fmt;
use upstream::{Answer, BoxFuture, Budget, Portion, Upstream, UpstreamError};

/// A direct line into an emulated org.
#[derive(Clone)]
pub struct Direct {
    org: Emulator,
    token: String,
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Direct").finish_non_exhaustive()
    }
}

impl Direct {
    /// A line into `org` that presents the API token `token`.
    pub fn new(org: Emulator, token: impl Into<String>) -> Self {
        Self {
            org,
            token: token.into(),
        }
    }

    fn request(&self, call: &Call) -> Result<Request, UpstreamError> {
        let target = call.target().map_err(|error| UpstreamError::Unsendable {
            operation: call.operation.id,
            source: error.into(),
        })?;
        let mut request = Request::new(method(call.operation.method), target);
        let forward = &call.forward;
        let headers: [(HeaderName, Option<String>); 4] = [
            (ACCEPT, forward.accept.clone()),
            (IF_MATCH, forward.if_match.clone()),
            (USER_AGENT, forward.user_agent.clone()),
            (CONTENT_TYPE, content_type(call)),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.with_header(name, &value);
            }
        }
        if let Some(body) = &call.body {
            request.body = body.bytes.clone();
        }
        Ok(request.with_token(&self.token))
    }
}

impl Upstream for Direct {
    fn call<'a>(
        &'a self,
        recorded: &'a Recorded<Permit>,
    ) -> BoxFuture<'a, Result<Answer, UpstreamError>> {
        Box::pin(async move {
            let answer = self.org.answer(self.request(recorded.permit().call())?);
            Ok(Answer {
                status: answer.status,
                headers: answer.headers,
                body: answer.body,
                merged: false,
            })
        })
    }

    fn budget(&self) -> Budget {
        Budget::default()
    }

    fn portion(&self, _client: &access::ClientId, _share: access::Share) -> Portion {
        Portion::default()
    }
}

fn content_type(call: &Call) -> Option<String> {
    let media = call.body.as_ref().map(|body| body.content_type.clone());
    match &call.forward.okta_response {
        Some(wish) => {
            let media = media.unwrap_or_else(|| "application/json".to_owned());
            Some(format!("{media}; okta-response=\"{wish}\""))
        }
        None => media,
    }
}

const fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
        Method::Options => http::Method::OPTIONS,
    }
}
