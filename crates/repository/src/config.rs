//! `config.json`: what a repository is, in the clear, and its master key, wrapped.
//!
//! Written once, by creation. Every field takes part in unwrapping the key or is refused when it reads differently,
//! so a changed file never opens quietly.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use store::{SealKey, Stretch};

use crate::error::Error;
use crate::hex;
use crate::key::{Key, Keys};
use crate::limits::CONFIG_BYTES_MAX;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    format: u32,
    id: String,
    key: Wrapped,
}

/// How the master key is wrapped; `master` is base64 of `store::seal`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Wrapped {
    KeyFile {
        master: String,
    },
    Passphrase {
        memory_kib: u32,
        passes: u32,
        salt: String,
        master: String,
    },
}

/// The format alone, read before anything a newer format may have changed.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

/// Makes keys and the `config.json` that keeps them under `key`. Takes tenths of a second of CPU for a passphrase.
pub(crate) fn create(key: &Key) -> Result<(Keys, Vec<u8>), Error> {
    let keys = Keys::generate()?;
    let mut random = [0_u8; 32];
    rand::fill(&mut random).map_err(|_| Error::Unavailable {
        what: "random source",
    })?;
    let [id, salt] = [random.first_chunk::<16>(), random.last_chunk::<16>()]
        .map(|half| half.copied().unwrap_or_default());
    let id = hex::encode(&id);
    let seal = |wrapping: &SealKey| {
        store::seal(wrapping, &purpose(&id), keys.master())
            .map(|sealed| STANDARD.encode(sealed))
            .map_err(|_| Error::Unavailable {
                what: "cryptography",
            })
    };
    let wrapped = match key {
        Key::File(file) => Wrapped::KeyFile {
            master: seal(file)?,
        },
        Key::Passphrase(passphrase) => {
            let stretched = COST.key(passphrase, &salt).ok_or(Error::Unavailable {
                what: "key stretching",
            })?;
            let (salt, master) = (STANDARD.encode(salt), seal(&stretched)?);
            Wrapped::Passphrase {
                memory_kib: COST.memory_kib,
                passes: COST.passes,
                salt,
                master,
            }
        }
    };
    let mut text = serde_json::to_vec_pretty(&Config {
        format: FORMAT,
        id,
        key: wrapped,
    })
    .map_err(|_| Error::Unavailable {
        what: "serialisation",
    })?;
    text.push(b'\n');
    Ok((keys, text))
}

/// Reads `config.json` and unwraps the master key.
pub(crate) fn open(text: &[u8], key: &Key, place: &str) -> Result<Keys, Error> {
    let place = place.to_owned();
    let damaged = |reason: String| Error::ConfigDamaged {
        place: place.clone(),
        reason,
    };
    if text.len() > CONFIG_BYTES_MAX {
        return Err(damaged(format!(
            "it has more than {CONFIG_BYTES_MAX} bytes"
        )));
    }
    let FormatOnly { format } =
        serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    if format > FORMAT {
        return Err(Error::NewerFormat {
            place,
            found: format,
            known: FORMAT,
        });
    }
    let config: Config =
        serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    if config.format != FORMAT || hex::decode::<16>(&config.id).is_none() {
        return Err(damaged("its format or id is not of this kind".to_owned()));
    }
    let bytes = |name: &str, encoded: &str| {
        STANDARD
            .decode(encoded)
            .map_err(|_| damaged(format!("{name} is not base64")))
    };
    let (wrapping, master) = match (&config.key, key) {
        (Wrapped::KeyFile { master }, Key::File(file)) => (file.clone(), master),
        (
            Wrapped::Passphrase {
                memory_kib,
                passes,
                salt,
                master,
            },
            Key::Passphrase(passphrase),
        ) => {
            let salt = bytes("salt", salt)?;
            let cost = Stretch {
                memory_kib: *memory_kib,
                passes: *passes,
                ..COST
            };
            let stretched = cost.key(passphrase, &salt).ok_or_else(|| {
                damaged("its stretching costs are not valid or beyond all reason".to_owned())
            })?;
            (stretched, master)
        }
        (wrapped, given) => {
            return Err(Error::OtherKind {
                place,
                wanted: wrapped.kind(),
                given: given.kind(),
            });
        }
    };
    let master =
        store::open(&wrapping, &purpose(&config.id), &bytes("master", master)?).map_err(|_| {
            Error::WrongKey {
                place: place.clone(),
            }
        })?;
    let master: &[u8; 32] = master
        .as_slice()
        .try_into()
        .map_err(|_| damaged("its master key is not 32 bytes".to_owned()))?;
    Ok(Keys::from_master(*master))
}

impl Wrapped {
    fn kind(&self) -> &'static str {
        match self {
            Self::KeyFile { .. } => "key file",
            Self::Passphrase { .. } => "passphrase",
        }
    }
}

fn purpose(id: &str) -> String {
    format!("portcullis repository {id} master key")
}

/// The format this program writes and the newest it reads.
const FORMAT: u32 = 1;
/// Argon2id costs of new repositories. The format knows one lane only; memory and passes are those of RFC 9106's second option.
const COST: Stretch = Stretch {
    lanes: 1,
    ..Stretch::RECOMMENDED
};
