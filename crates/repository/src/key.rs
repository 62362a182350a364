//! The keys of a repository: the one that opens it, the master behind it, and what is derived from the master.
//!
//! The master key is random, never leaves memory unwrapped, and is wiped with its derivations when dropped.

use aws_lc_rs::rand;
use store::{SealKey, Secret, Zeroizing};

use crate::cipher::Cipher;
use crate::error::Error;
use crate::hex;
use crate::object::ObjectId;

/// What opens a repository.
#[derive(Debug, Clone)]
pub enum Key {
    /// The key out of a key file.
    File(SealKey),
    /// A passphrase, stretched by Argon2id.
    Passphrase(Secret<String>),
}

impl Key {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "key file",
            Self::Passphrase(_) => "passphrase",
        }
    }
}

/// The keys in use while a repository is open.
#[derive(Debug)]
pub(crate) struct Keys {
    master: Secret<[u8; 32]>,
    objects: Secret<[u8; 32]>,
    orgs: Secret<[u8; 32]>,
}

impl Keys {
    pub(crate) fn generate() -> Result<Self, Error> {
        let mut master = Zeroizing::new([0_u8; 32]);
        rand::fill(master.as_mut()).map_err(|_| Error::Unavailable {
            what: "random source",
        })?;
        Ok(Self::from_master(*master))
    }

    pub(crate) fn from_master(master: [u8; 32]) -> Self {
        let derived = |context| Secret::new(blake3::derive_key(context, &master));
        Self {
            objects: derived(OBJECT_CONTEXT),
            orgs: derived(ORG_CONTEXT),
            master: Secret::new(master),
        }
    }

    pub(crate) fn master(&self) -> &[u8; 32] {
        self.master.expose()
    }

    pub(crate) fn object_id(&self, bytes: &[u8]) -> ObjectId {
        ObjectId(front(blake3::keyed_hash(self.objects.expose(), bytes)))
    }

    /// The folder of an org's manifests: recognisable only with the key.
    pub(crate) fn org_tag(&self, org: &str) -> String {
        hex::encode(&front(blake3::keyed_hash(
            self.orgs.expose(),
            org.as_bytes(),
        )))
    }

    pub(crate) fn pack(&self, salt: &[u8]) -> Result<Cipher, Error> {
        self.file(PACK_CONTEXT, salt)
    }

    pub(crate) fn manifest(&self, salt: &[u8]) -> Result<Cipher, Error> {
        self.file(MANIFEST_CONTEXT, salt)
    }

    fn file(&self, context: &str, salt: &[u8]) -> Result<Cipher, Error> {
        let material = Zeroizing::new([self.master.expose().as_slice(), salt].concat());
        Cipher::new(&Zeroizing::new(blake3::derive_key(context, &material)))
    }
}

fn front(hash: blake3::Hash) -> [u8; 16] {
    let mut front = [0_u8; 16];
    for (to, from) in front.iter_mut().zip(hash.as_bytes()) {
        *to = *from;
    }
    front
}

const OBJECT_CONTEXT: &str = "portcullis repository 1 object ids";
const ORG_CONTEXT: &str = "portcullis repository 1 org folders";
const PACK_CONTEXT: &str = "portcullis repository 1 pack";
const MANIFEST_CONTEXT: &str = "portcullis repository 1 manifest";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_bytes_and_on_the_repository() {
        let (ours, theirs) = (Keys::from_master([1; 32]), Keys::from_master([2; 32]));
        assert_eq!(ours.object_id(b"{}"), ours.object_id(b"{}"));
        assert_ne!(ours.object_id(b"{}"), ours.object_id(b"[]"));
        assert_ne!(ours.object_id(b"{}"), theirs.object_id(b"{}"));
        assert_ne!(ours.org_tag("production"), theirs.org_tag("production"));
    }

    #[test]
    fn debug_shows_no_key_material() {
        let shown = format!(
            "{:?} {:?}",
            Keys::from_master([7; 32]),
            Key::Passphrase(Secret::new("open sesame".into()))
        );
        assert!(!shown.contains('7') && !shown.contains("sesame"), "{shown}");
    }
}
