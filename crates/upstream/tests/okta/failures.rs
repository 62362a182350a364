//! Failures: what is said about them, and what is repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use access::Call;
use clock::Clock;
use store::Secret;
use upstream::{Address, Credential, LineError, Okta, Pace, Settings, UpstreamError};

use crate::org::{Job, Org, Reply, TOKEN, error, ok, reply};

fn list() -> Call {
    Call::new("listUsers", &[]).unwrap()
}

fn create() -> Call {
    Call::new("createUser", &[])
        .unwrap()
        .with_json(&serde_json::json!({}))
}

/// What a gateway's call to this org is told.
async fn told(okta: Okta, call: Call) -> UpstreamError {
    match Job::on(okta).line.call(call).await {
        Err(LineError::Upstream(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn okta_at(url: &str) -> Okta {
    Okta::connect(Settings {
        address: Address::parse(url).unwrap(),
        credential: Credential::ApiToken(Secret::new(TOKEN.to_owned())).into(),
        pace: Pace::GATEWAY,
        clock: Arc::new(clock::System),
    })
    .unwrap()
}

#[tokio::test]
async fn nobody_there_and_no_tls_there_are_told_apart() {
    let org = Org::start(|_| ok("[]")).await;
    let plain = told(okta_at(&format!("https://{}", org.address)), list()).await;
    assert_eq!((plain.kind(), plain.sent()), ("tls", false), "{plain}");
    assert!(plain.to_string().contains("corrupt message"), "{plain}");
    let url = org.url();
    drop(org);
    let gone = told(okta_at(&url), create()).await;
    assert_eq!((gone.kind(), gone.sent()), ("unconnected", false), "{gone}");
}

#[tokio::test]
async fn what_is_no_okta_org_is_called_so_and_gets_no_second_look() {
    let elsewhere = Org::start(|_| ok("[]")).await;
    let location = format!("{}/api/v1/users", elsewhere.url());
    let portal = Org::start(move |seen| match seen.target() {
        "/api/v1/users" => reply(302, &[("location", location.as_str())], ""),
        _ => reply(
            200,
            &[("content-type", "text/html")],
            "<html>Sign in</html>",
        ),
    })
    .await;
    let redirect = told(portal.okta(Pace::JOB), list()).await;
    let page = told(
        portal.okta(Pace::JOB),
        Call::new("listGroups", &[]).unwrap(),
    )
    .await;
    assert_eq!((redirect.kind(), page.kind()), ("not-okta", "not-okta"));
    assert!(page.to_string().contains("HTML"), "{page}");
    assert_eq!((portal.seen().len(), elsewhere.connections()), (2, 0));
}

#[tokio::test]
async fn a_refused_token_is_ours_and_is_never_shown() {
    let org = Org::start(|_| error(401, "E0000011")).await;
    let refused = told(org.okta(Pace::JOB), list()).await;
    assert_eq!(refused.kind(), "bad-credential");
    let shown = format!("{refused} {refused:?} {:?}", org.okta(Pace::JOB));
    assert!(
        shown.contains("E0000011") && !shown.contains("hush"),
        "{shown}"
    );
    assert_eq!(org.seen().len(), 1);
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_not_repeated() {
    let org = Org::start(|_| Reply::Hangup).await;
    let lost = told(org.okta(Pace::JOB), create()).await;
    assert!(
        matches!(lost, UpstreamError::Unanswered { sent: true, .. }),
        "{lost:?}"
    );
    assert_eq!(org.seen().len(), 1);
}

#[tokio::test]
async fn a_user_whose_deactivating_delete_is_lost_is_not_deleted_by_a_second() {
    for pace in [Pace::JOB, Pace::GATEWAY] {
        let org = Org::start(|_| Reply::Hangup).await;
        let delete = Call::new("deleteUser", &[("id", "00u1")]).unwrap();
        let lost = told(org.okta(pace), delete).await;
        assert!(lost.sent(), "{lost:?}");
        assert_eq!(org.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_read_whose_answer_is_lost_is_repeated() {
    for pace in [Pace::JOB, Pace::GATEWAY] {
        let asked = AtomicUsize::new(0);
        let org = Org::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::Hangup,
            _ => ok("[]"),
        })
        .await;
        let answer = Job::on(org.okta(pace)).line.call(list()).await.unwrap();
        assert!(answer.is_success());
        assert_eq!(org.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_waited_out_by_a_job_and_passed_on_by_the_gateway() {
    let busy = || {
        let asked = AtomicUsize::new(0);
        Org::start(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
            0 => error(423, "E0000239"),
            _ => ok("{}"),
        })
    };
    let rule = || {
        Call::new("createGroupRule", &[])
            .unwrap()
            .with_json(&serde_json::json!({}))
    };
    let (patient, impatient) = (busy().await, busy().await);
    let waited = Job::on(patient.okta(Pace::JOB))
        .line
        .call(rule())
        .await
        .unwrap();
    let passed = Job::on(impatient.okta(Pace::GATEWAY))
        .line
        .call(rule())
        .await
        .unwrap();
    assert_eq!((waited.status.as_u16(), passed.status.as_u16()), (200, 423));
    assert_eq!((patient.seen().len(), impatient.seen().len()), (2, 1));
}

#[tokio::test]
async fn a_job_that_finds_the_limit_used_up_comes_back_in_the_next_window() {
    let asked = AtomicUsize::new(0);
    let org = Org::start(move |_| {
        let reset = (clock::System.now().as_second() + 1).to_string();
        let headers = [
            ("x-rate-limit-limit", "50"),
            ("x-rate-limit-remaining", "0"),
            ("x-rate-limit-reset", reset.as_str()),
        ];
        match asked.fetch_add(1, Ordering::SeqCst) {
            0 => reply(429, &headers, r#"{"errorCode":"E0000047"}"#),
            _ => ok("[]"),
        }
    })
    .await;
    // Even a create: a 429 says that nothing was done.
    let answer = Job::on(org.okta(Pace::JOB))
        .line
        .call(create())
        .await
        .unwrap();
    assert_eq!((answer.status.as_u16(), org.seen().len()), (200, 2));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let org = Org::start(|_| ok(vec![b' '; upstream::ANSWER_BYTES_MAX + 1])).await;
    let large = told(org.okta(Pace::GATEWAY), list()).await;
    assert_eq!(large.kind(), "too-large", "{large}");
}
