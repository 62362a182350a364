//! Containment: what an answer of Okta's may look like. Answers are untrusted: whoever sits behind the org's address gets no more
//! memory, time or say than an org needs, and nothing that two readers could read differently goes on to a caller.
//!
//! | judged | by | before the body is read |
//! |---|---|---|
//! | status, framing, coding, number and size of headers | `head` | yes |
//! | length, progress, completeness of the body | `body` | while it is read |
//! | redirects, the documented type, well-formed JSON | `content`, `json` | no |
//! | interim answers (1xx) | `interim` | yes |
//!
//! What does not pass is [`crate::UpstreamError::Unfit`]; the connection it came on is closed, unless the answer was whole. Nothing
//! is repaired, and no reason quotes what the answer said.
//!
//! Memory: one buffer per answer, of at most the bound for bodies and never more than twice what has arrived, whatever the chunks.
//! Cost of an answer of 1 kB: one look at each header, no copy where the body comes in one piece, one pass over it for JSON.

mod body;
mod content;
mod head;
mod interim;
mod json;
mod unfit;

pub(crate) use body::{TakenIn, take_in};
pub(crate) use content::judge as judge_content;
pub(crate) use head::judge as judge_head;
pub(crate) use interim::Interim;
pub use unfit::Unfit;
