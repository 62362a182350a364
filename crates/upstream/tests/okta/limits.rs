//! Rate limits as a real connection states them.

use std::sync::Mutex;

use access::Call;
use clock::Clock;
use futures_util::future::join_all;
use upstream::{LineError, Pace, Upstream, UpstreamError};

use crate::org::{Job, Org, Reply, Seen, ok, reply};

/// Lets `limit` calls pass in windows that end at the next full second, and refuses the others as Okta does.
fn enforce(limit: u32) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    let window = Mutex::new((0, 0));
    move |_| {
        let now = clock::System.now().as_second();
        let mut window = window.lock().unwrap();
        if now > window.0 {
            *window = (now, 0);
        }
        window.1 += 1;
        let (limit_text, reset) = (limit.to_string(), (now + 1).to_string());
        let remaining = limit.saturating_sub(window.1).to_string();
        let headers = [
            ("x-rate-limit-limit", limit_text.as_str()),
            ("x-rate-limit-remaining", remaining.as_str()),
            ("x-rate-limit-reset", reset.as_str()),
            ("x-okta-request-id", "req3"),
        ];
        if window.1 > limit {
            let body = r#"{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}"#;
            return reply(429, &headers, body);
        }
        reply(200, &headers, "[]")
    }
}

fn list() -> Call {
    Call::new("listApplications", &[]).unwrap()
}

/// A call unlike those of other pages.
fn page_of(page: u32) -> Call {
    list().with_query("after", &page.to_string())
}

#[tokio::test]
async fn a_job_meets_no_429_where_everybody_else_would() {
    let org = Org::start(enforce(12)).await;
    let okta = org.okta(Pace::JOB);
    let job = Job::on(okta.clone());
    let answers = join_all((0..10).map(|page| job.line.call(page_of(page)))).await;
    assert!(
        answers
            .into_iter()
            .all(|answer| answer.unwrap().is_success())
    );
    assert_eq!(org.seen().len(), 10);
    let budget = okta.budget();
    assert_eq!((budget.buckets[0].limit, budget.in_flight), (12, 0));
}

#[tokio::test]
async fn a_429_is_passed_on_to_who_has_no_patience_and_spares_okta_the_next_call() {
    let org = Org::start(|_| {
        let reset = (clock::System.now().as_second() + 30).to_string();
        reply(
            429,
            &[
                ("x-rate-limit-limit", "100"),
                ("x-rate-limit-remaining", "0"),
                ("x-rate-limit-reset", reset.as_str()),
            ],
            r#"{"errorCode":"E0000047"}"#,
        )
    })
    .await;
    let job = Job::on(org.okta(Pace::GATEWAY));
    assert_eq!(job.line.call(list()).await.unwrap().status.as_u16(), 429);
    let spared = job.line.call(list()).await.unwrap_err();
    assert!(matches!(
        spared,
        LineError::Upstream(UpstreamError::Exhausted {
            limit: Some(100),
            ..
        })
    ));
    assert_eq!(org.seen().len(), 1);
    // Other buckets are not touched by it.
    let zones = Call::new("listNetworkZones", &[]).unwrap();
    assert_eq!(job.line.call(zones).await.unwrap().status.as_u16(), 429);
}

#[tokio::test]
async fn calls_at_once_are_bounded() {
    let org = Org::start(|_| ok("[]")).await;
    let pace = Pace {
        concurrency_max: 3,
        ..Pace::JOB
    };
    let job = Job::on(org.okta(pace));
    let answers = join_all((0..30).map(|page| job.line.call(page_of(page)))).await;
    assert!(
        answers
            .into_iter()
            .all(|answer| answer.unwrap().is_success())
    );
    assert!(org.connections() <= 3, "{} connections", org.connections());
}
