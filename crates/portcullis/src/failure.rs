//! What a person reads when a verb fails: what happened, where, and what to type next; and the exit code a script reads.

use serde::Serialize;
use std::fmt;

/// Exit codes, the same for every verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Something of ours went wrong.
    Broken = 1,
    /// The command line was not understood (clap's own code).
    Usage = 2,
    /// The settings file is missing or wrong.
    Settings = 3,
    /// Okta could not be reached or refused.
    Upstream = 4,
    /// The repository is damaged, foreign or locked by another key.
    Repository = 5,
    /// A comparison found differences, a check found damage, or a restore left something unexplained.
    Differs = 6,
    /// A restore ended before all steps were done; `restore` again resumes it.
    Partial = 7,
    /// A person has to agree first.
    NotApproved = 8,
    /// The audit trail is broken or cannot be written.
    Audit = 9,
}

/// A failure as shown to people and scripts.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// Exit code class.
    pub kind: Exit,
    /// What went wrong and where: a lower-case fragment.
    pub message: String,
    /// What to do next: a full sentence.
    pub hint: String,
}

impl Failure {
    /// A failure of `kind`.
    pub(crate) fn new(kind: Exit, message: impl fmt::Display, hint: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.to_string(),
            hint: hint.into(),
        }
    }

    /// A failure nobody foresaw.
    pub(crate) fn broken(message: impl fmt::Display) -> Self {
        Self::new(
            Exit::Broken,
            message,
            "This is a defect of Portcullis; please report it with the command you ran.",
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Failure {}

/// Writes the chain of causes in one line: `cannot read x: permission denied`.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Errors of the rooms become failures here and nowhere else: their kind decides the exit code, their hint is kept.
macro_rules! failures {
    ($($error:ty => $kind:expr;)*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new($kind, chain(&error), error.hint().to_owned())
            }
        })*
    };
}

failures! {
    store::Error => Exit::Settings;
    store::KeyError => Exit::Settings;
    store::PrivateFileError => Exit::Settings;
    store::WrappingError => Exit::Settings;
    upstream::VaultError => Exit::Settings;
    policy::PolicyProblems => Exit::Usage;
    audit::AuditError => Exit::Audit;
    egress::EgressError => Exit::Settings;
    repository::Error => Exit::Repository;
    upstream::AddressError => Exit::Settings;
    upstream::ConnectError => Exit::Settings;
    upstream::KeyError => Exit::Settings;
    gateway::SettingsError => Exit::Settings;
    gateway::TlsError => Exit::Settings;
    recovery::apply::ApplyError => Exit::Partial;
    recovery::snapshot::SnapshotError => Exit::Repository;
    repository::JournalError => Exit::Partial;
}

impl From<access::AccessError> for Failure {
    fn from(error: access::AccessError) -> Self {
        let near = match &error {
            access::AccessError::UnknownOperation(id) => {
                policy::nearest(id, catalog::operations().iter().map(|known| known.id))
            }
            access::AccessError::UnknownScope(scope) => policy::nearest(
                scope,
                catalog::operations()
                    .iter()
                    .flat_map(|known| known.scopes.iter().copied()),
            ),
            _ => None,
        };
        let hint = near.map_or_else(
            || error.hint().to_owned(),
            |near| format!("Did you mean `{near}`?"),
        );
        let kind = match &error {
            access::AccessError::OtherStateKey
            | access::AccessError::Store(_)
            | access::AccessError::Key(_) => Exit::Settings,
            _ => Exit::Usage,
        };
        Self::new(kind, chain(&error), hint)
    }
}

/// A command line that was not understood: what clap tells people in several paragraphs, for scripts.
impl From<&clap::Error> for Failure {
    fn from(error: &clap::Error) -> Self {
        use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        let told = error.render().to_string();
        let first = match error.kind() {
            DisplayHelpOnMissingArgumentOrSubcommand => "a subcommand is missing",
            _ => told.split("\n\n").next().unwrap_or_default(),
        };
        let words: Vec<&str> = first
            .trim_start_matches("error: ")
            .split_whitespace()
            .collect();
        Self::new(
            Exit::Usage,
            words.join(" "),
            "Run the command with `--help` to see what it takes.",
        )
    }
}

impl From<upstream::LineError> for Failure {
    fn from(error: upstream::LineError) -> Self {
        Self::new(exit_of(&error), chain(&error), error.hint())
    }
}

impl From<recovery::CaptureError> for Failure {
    fn from(error: recovery::CaptureError) -> Self {
        let kind = match &error {
            recovery::CaptureError::Line(line) => exit_of(line),
            _ => Exit::Broken,
        };
        Self::new(kind, chain(&error), error.hint())
    }
}

/// A call that could not be recorded is the trail's failure, not Okta's.
fn exit_of(error: &upstream::LineError) -> Exit {
    match error {
        upstream::LineError::Unrecorded { .. } => Exit::Audit,
        _ => Exit::Upstream,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_that_cannot_be_written_is_told_from_an_org_that_does_not_answer() {
        let full = || upstream::LineError::Unrecorded {
            made: false,
            source: audit::AuditError::InUse {
                path: "audit".into(),
            },
        };
        let failure = Failure::from(recovery::CaptureError::Line(full()));
        assert_eq!(failure.kind, Exit::Audit);
        assert_eq!(Failure::from(full()).kind, Exit::Audit);
    }

    #[test]
    fn a_misspelt_name_is_told_with_the_nearest() {
        let hint = |error: access::AccessError| Failure::from(error).hint;
        let operation = access::AccessError::UnknownOperation("deactivateUsr".to_owned());
        assert_eq!(hint(operation), "Did you mean `deactivateUser`?");
        let scope = access::AccessError::UnknownScope("okta.user.read".to_owned());
        assert_eq!(hint(scope), "Did you mean `okta.users.read`?");
        let far = access::AccessError::UnknownOperation("x".to_owned());
        assert!(hint(far).contains("listUsers"));
    }

    #[test]
    fn a_command_line_not_understood_is_one_sentence_for_scripts() {
        use clap::Parser as _;
        let failure = |words: &[&str]| {
            let words = ["portcullis"].iter().chain(words);
            let error = crate::arguments::Arguments::try_parse_from(words).unwrap_err();
            Failure::from(&error).message
        };
        assert_eq!(
            failure(&["key", "issue", "hr-sync", "--days", "999"]),
            "invalid value '999' for '--days <DAYS>': 999 is not in 1..=365"
        );
        assert_eq!(failure(&["key"]), "a subcommand is missing");
    }
}
