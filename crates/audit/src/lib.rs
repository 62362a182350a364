//! What happened, in an order nobody can change unnoticed: one append-only chain of entries per org and writer.
//!
//! A chain is a directory of JSON-lines files, `<dir>/<org>/00000001.jsonl` and on; each writer (gateway, jobs, operator) has a
//! `<dir>` of its own. Every line carries its number, the hash of
//! the line before it and its own hash; the file `head` remembers the last line known to be on disk. There is no way here to
//! change or delete an entry, and entries never hold bodies, query values or credentials.
//!
//! A call is written down before it is made ([`Trail::open_entry`], which turns a permit into a [`Recorded`] permit) and
//! after ([`Trail::close_entry`]); everything else by [`Trail::note`]. When the disk refuses, so does the trail: callers fail
//! closed. [`verify`] checks a chain offline, [`entries`] reads it, [`Following`] reads on as it grows.
//!
//! Hashes alone would let whoever can write the directory write all of it anew. Therefore `head` is signed ([`Signer`]), and so are
//! checkpoints, which a [`Witness`] keeps elsewhere: held against them ([`verify_against`]), an older copy of the whole directory is
//! found, too. What remains: whoever holds the private key and can reach every witness.

mod chain;
mod checkpoint;
mod directory;
mod disk;
mod entry;
mod error;
mod following;
mod hash;
mod keys;
mod limits;
mod list;
mod note;
mod opening;
mod promise;
mod queue;
mod reading;
mod recorded;
mod scan;
mod seal;
mod trail;
mod verify;
mod witness;
mod writer;

pub use entry::{EntryId, Event, Opening, Outcome};
pub use error::AuditError;
pub use following::{Followed, Following, ReadUpTo};
pub use keys::{BadKeys, PublicKeys, Signer, succession};
pub use limits::{FILE_BYTES_MAX, WITNESS_BYTES_MAX};
pub use note::{BadCheckpointKey, CheckpointKey, PublicKey};
pub use reading::{Entries, Entry, entries};
pub use recorded::{Entered, Recorded};
pub use trail::{Trail, TrailEnd, TrailSettings};
pub use verify::{Broken, Evidence, Verified, verify, verify_against};
pub use witness::{Witness, WitnessFile, Witnessed, read_key_list};
