//! Every leniency of the comparison, with its reason. What is not in this table is compared.

/// One leniency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rule {
    /// Recorded 429: depends on how busy the recorded org was.
    Rate,
    /// Recorded 5xx or 423: a passing state of Okta's servers; the client asked again.
    Passing,
    /// Recorded E0000015: the recorded org had not licensed the feature.
    Licence,
    /// Token requests of the recording's own client: its key is not recorded, and the replay brings its own token.
    OwnToken,
    /// Recorded E0000011: the recorded token was refused, so the replay shows a token the emulator refuses.
    RefusedToken,
    /// The recording lost the body of a request: it is taken from the answer, without what Okta assigns.
    LostBody,
    /// A list item nobody in the conversation made, with no counterpart from birth.
    StrangerInList,
    /// An attribute of a schema that the conversation never sent.
    StrangerInSchema,
    /// A page that strangers cut elsewhere: `next`, or items that may stand on another page.
    StrangersMovePages,
}

impl Rule {
    /// All, in the order they are printed.
    pub(super) const ALL: [Self; 9] = [
        Self::Rate,
        Self::Passing,
        Self::Licence,
        Self::OwnToken,
        Self::RefusedToken,
        Self::LostBody,
        Self::StrangerInList,
        Self::StrangerInSchema,
        Self::StrangersMovePages,
    ];

    /// Its name in `--json`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Passing => "passing",
            Self::Licence => "licence",
            Self::OwnToken => "own-token",
            Self::RefusedToken => "refused-token",
            Self::LostBody => "lost-body",
            Self::StrangerInList => "stranger-in-list",
            Self::StrangerInSchema => "stranger-in-schema",
            Self::StrangersMovePages => "strangers-move-pages",
        }
    }

    /// Why it is fair.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Rate => "request not sent: the recorded 429 depends on how busy that org was",
            Self::Passing => {
                "request not sent: the recorded 5xx or 423 was a passing state of Okta's servers"
            }
            Self::Licence => {
                "the emulated org is told to lack what the recorded org had not licensed (E0000015)"
            }
            Self::OwnToken => {
                "token request not sent: the recorded client's key is unknown; the replay brings its own token"
            }
            Self::RefusedToken => {
                "sent with a token the emulator refuses: the recorded token was refused (E0000011)"
            }
            Self::LostBody => {
                "request body lost by the recorder: rebuilt from the answer, without what Okta assigns"
            }
            Self::StrangerInList => {
                "list item not compared: made by nobody in the conversation and not from birth"
            }
            Self::StrangerInSchema => {
                "schema attribute not compared: the conversation never sent it"
            }
            Self::StrangersMovePages => {
                "`next` or presence in a page not compared: strangers cut the recorded page elsewhere"
            }
        }
    }
}
