//! Why an answer is not taken: one word each for the trail, one sentence for people. Never with anything the answer said.

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// A status that is none of HTTP's for a final answer, or asks for another protocol.
    #[error("its status is none of a final answer")]
    Status,
    /// More interim answers than anybody sends.
    #[error("it comes behind a flood of interim answers")]
    Interim,
    /// Lengths that contradict each other, or a coding of the transfer that is not plainly chunked.
    #[error("its length can be read in more than one way")]
    Framing,
    /// A body without a length, of which nobody can tell whether it is whole.
    #[error("it does not say where its body ends")]
    Unframed,
    /// A body where there can be none.
    #[error("it announces a body that its status cannot have")]
    Bodiless,
    /// Compressed or otherwise encoded, although nothing but identity was asked for.
    #[error("its body is encoded, although no encoding was asked for")]
    Encoded,
    /// More or larger headers than the bound.
    #[error("it has too many or too large headers")]
    Headers,
    /// A redirect, which is never followed, from an operation that has none.
    #[error("it redirects, and no redirect is followed")]
    Redirect,
    /// Another type than the operation's documents say.
    #[error("its type is not what the operation answers with")]
    MediaType,
    /// Not JSON, not UTF-8, or nested deeper than anybody reads.
    #[error("it says that it is JSON and is not")]
    Json,
}

impl Unfit {
    /// One word for the trail.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Status => "answer-status",
            Self::Interim => "answer-interim",
            Self::Framing => "answer-framing",
            Self::Unframed => "answer-unframed",
            Self::Bodiless => "answer-bodiless",
            Self::Encoded => "answer-encoded",
            Self::Headers => "answer-headers",
            Self::Redirect => "answer-redirect",
            Self::MediaType => "answer-type",
            Self::Json => "answer-json",
        }
    }
}
