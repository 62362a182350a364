//! Inspection: what a permitted call may not look like. The media type is judged here, by what the operation takes; all else by the
//! org's inspector. Sees the call alone, so it cannot wait, remember or decide who may do what.

mod media;

use access::Call;
use inspection::{Check, Finding, Inspector, Report, Subject};

pub(crate) use inspection::is_json;

use crate::record::Facts;
use crate::refusal::Refusal;
use crate::table::Kind;

/// Refuses a call with anything in it that the org refuses; notes what the org only watches.
pub(crate) fn inspect(
    inspector: &Inspector,
    call: &Call,
    facts: &mut Facts,
) -> Result<(), Refusal> {
    media::inspect(call)?;
    let report = inspector.inspect(&Subject {
        operation: call.operation,
        params: &call.params,
        query: &call.query,
        media: call.body.as_ref().map_or("", |body| &body.content_type),
        body: call.body.as_ref().map(|body| &*body.bytes),
    });
    if let Some(first) = report.refused().next() {
        return Err(refusal(first, &report));
    }
    facts.doubt(report.warned());
    Ok(())
}

/// The refusal of a call: every place and what is wrong there, never a value.
fn refusal(first: &Finding, report: &Report) -> Refusal {
    let (kind, reason) = match first.check {
        Check::Syntax | Check::DuplicateKey | Check::Depth => (Kind::Malformed, "malformed_json"),
        check => (Kind::Invalid, check.setting()),
    };
    let refusal = Refusal::new(kind, reason);
    report
        .refused()
        .fold(refusal, |refusal, finding| {
            refusal.because(finding.sentence())
        })
        .because(HINT)
}

/// What to do about a refusal.
const HINT: &str = "Correct the call; where it is right as it is, relax the check named, or that of the field, under \
                    [org.NAME.inspect] in the gateway's settings.";
