//! Why a request for more, or what somebody wants done with it, is refused. Said to identified people and clients only.

use super::{ElevationId, Stage};
use crate::limits::{
    BUDGET_MAX, ELEVATION_MINUTES_MAX, ELEVATIONS_PER_CLIENT_HOUR_MAX,
    OPEN_ELEVATIONS_PER_CLIENT_MAX, REASON_CHARS_MAX,
};

/// Why an elevation was not asked for, approved, denied or ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// Neither scopes nor operations.
    #[error("nothing is asked for")]
    Nothing,
    /// More than the client may ask for.
    #[error("`{0}` is not among what this client may be elevated to")]
    NotEligible(String),
    /// No reason, or one that does not fit a table.
    #[error("a reason of 1 to {REASON_CHARS_MAX} printable characters is needed")]
    NoReason,
    /// Too short or too long.
    #[error("an elevation cannot run for {0} minutes: 1 to {ELEVATION_MINUTES_MAX} are possible")]
    BadMinutes(u32),
    /// A class that is raised twice, or by nothing.
    #[error("each class of effects can be raised once, by 1 to {BUDGET_MAX}")]
    BadRaise,
    /// The client has asked for enough already.
    #[error("{OPEN_ELEVATIONS_PER_CLIENT_MAX} requests of this client are open already")]
    TooManyOpen,
    /// The client has asked too often lately.
    #[error("this client has asked {ELEVATIONS_PER_CLIENT_HOUR_MAX} times within an hour")]
    TooOften,
    /// There is no such request, or not for whoever asks.
    #[error("there is no elevation {0}")]
    Unknown(ElevationId),
    /// It is decided, or its time is over.
    #[error("the elevation is {}", stage.word())]
    NotOpen {
        /// Where it stands.
        stage: Stage,
    },
    /// Whoever owns a client does not approve what it asks for.
    #[error("nobody approves what a client of their own asks for")]
    OwnClient,
    /// A name that does not fit a table.
    #[error("`{0}` is not a name for an approver: use 1 to 80 printable characters")]
    BadName(String),
    /// The org has an approver of this name.
    #[error("there is an approver named `{0}` already")]
    NameTaken(String),
    /// There is no such approver.
    #[error("there is no approver named `{0}`")]
    NoApprover(String),
    /// The org has all the approvers it may have.
    #[error("the org has all the approvers it may have")]
    TooManyApprovers,
    /// No valid approver key; whatever is wrong with it.
    #[error("invalid approver key")]
    Stranger,
}

impl Objection {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Nothing => "Name scopes or operations, for example `okta.users.manage`.",
            Self::NotEligible(_) => {
                "Ask for less, or have the scope added to what this client may be elevated to."
            }
            Self::NoReason => "Say in one line what it is needed for; whoever approves reads it.",
            Self::BadMinutes(_) => "Ask for as long as the work takes.",
            Self::BadRaise => "Ask for as many as the work takes.",
            Self::TooManyOpen => "Wait for the open requests to be decided, or withdraw one.",
            Self::TooOften => "Ask later, and for all that is needed at once.",
            Self::Unknown(_) => "See the requests with `portcullis elevation list`.",
            Self::NotOpen { .. } => "Ask anew if it is still needed.",
            Self::OwnClient => "Have somebody else approve it.",
            Self::BadName(_) => "Use the name of the person who will hold the key.",
            Self::NameTaken(_) => "Choose another name; names of removed approvers stay taken.",
            Self::NoApprover(_) => "See the names with `portcullis approver list`.",
            Self::TooManyApprovers => "Remove approvers who no longer approve.",
            Self::Stranger => {
                "Use the key that `portcullis approver add` showed, and before it expires."
            }
        }
    }
}
