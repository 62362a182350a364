//! What can go wrong with the credentials that are kept.

use access::OrgName;

use crate::KeyError;

/// Why a credential could not be kept or had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The state database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The state's key did not serve.
    #[error(transparent)]
    StateKey(#[from] store::KeyError),
    /// What was sealed does not open.
    #[error("the credential kept for the org cannot be opened: {0}")]
    Seal(#[from] store::SealError),
    /// The private key of the service app is not one.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The API token is empty or holds characters that no token has.
    #[error("the API token is empty or holds characters that no token has")]
    Token,
    /// None is kept.
    #[error("no credential is kept for org {org}")]
    Absent {
        /// Which org.
        org: OrgName,
    },
    /// What was sealed is not a credential of a form this version knows.
    #[error("the credential kept for org {org} is of a form that this version cannot read")]
    Unreadable {
        /// Which org.
        org: OrgName,
    },
    /// The credential cannot be written as text.
    #[error("the credential cannot be written down")]
    Unwritable,
}

impl VaultError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Store(error) => error.hint(),
            Self::StateKey(error) => error.hint(),
            Self::Seal(_) => {
                "Use the state.key this state was made with, or put the credential anew."
            }
            Self::Key(error) => error.hint(),
            Self::Token => "Copy the API token again, without quotes and line breaks.",
            Self::Absent { .. } => "Put one there with `portcullis credential put`.",
            Self::Unreadable { .. } => {
                "Run the version of the program that wrote the state, or put the credential anew."
            }
            Self::Unwritable => "Give the credential as plain text.",
        }
    }
}
