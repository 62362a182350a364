//! The signature algorithms there are. `none` and the keyed hashes (HS256…) cannot even be named, so no token can
//! choose them (RFC 8725 sections 3.1 and 3.2).

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
};

/// A signature algorithm of RFC 7518 section 3 or RFC 8037.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256. What Okta's SDKs sign with.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256, salt of 32 bytes.
    PS256,
    /// RSASSA-PSS with SHA-384, salt of 48 bytes.
    PS384,
    /// RSASSA-PSS with SHA-512, salt of 64 bytes.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// Ed25519. Tokens may also call it `Ed25519` (RFC 9864).
    EdDSA,
}

/// What a key must be to sign with an algorithm.
pub(crate) enum Scheme {
    Rsa(&'static RsaParameters),
    Ec(&'static EcdsaVerificationAlgorithm),
    Ed25519,
}

impl Algorithm {
    /// Every algorithm, in the order the metadata names them.
    pub const ALL: [Self; 9] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// The algorithm of this `alg` value; the case matters.
    pub fn read(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(Self::EdDSA);
        }
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Its `alg` value.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }

    pub(crate) fn scheme(self) -> Scheme {
        match self {
            Self::RS256 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            Self::RS384 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            Self::RS512 => Scheme::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            Self::PS256 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA256),
            Self::PS384 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA384),
            Self::PS512 => Scheme::Rsa(&RSA_PSS_2048_8192_SHA512),
            Self::ES256 => Scheme::Ec(&ECDSA_P256_SHA256_FIXED),
            Self::ES384 => Scheme::Ec(&ECDSA_P384_SHA384_FIXED),
            Self::EdDSA => Scheme::Ed25519,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_read_back_from_its_name() {
        for one in Algorithm::ALL {
            assert_eq!(Algorithm::read(&one.to_string()), Some(one));
            assert_eq!(Algorithm::read(&one.name().to_lowercase()), None);
        }
        assert_eq!(Algorithm::read("Ed25519"), Some(Algorithm::EdDSA));
    }

    #[test]
    fn unsigned_and_shared_secret_algorithms_have_no_name() {
        for name in [
            "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "ES512", "ES256K",
        ] {
            assert_eq!(Algorithm::read(name), None, "{name:?}");
        }
    }
}
