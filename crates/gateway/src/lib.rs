//! One request from arrival to reply: recognised, identified, permitted, inspected, recorded, made, recorded, rewritten.
//!
//! The crate decides no policy (`access` does), stores nothing (`audit` does) and speaks to no org (`upstream` does); it is the
//! order in which they are asked, and the shape in which callers get their answers. People's sign-in traffic stays with Okta.
//!
//! Start with [`Gateway::handle`], whose body is the life of a request with a file per step; [`serve`] puts it on a socket.

mod admission;
mod arrive;
mod fields;
mod frames;
mod freeze;
mod gateway;
mod hold;
mod identify;
mod idle;
mod inspect;
mod issuer_keys;
mod limited;
mod limits;
mod look_up;
mod mirror;
mod own;
mod peer;
mod permit;
mod receive;
mod recognise;
mod record;
mod redact;
mod refusal;
mod reply;
mod restrain;
mod rewrite;
mod serve;
mod settings;
mod strangers;
mod table;
mod telling;
mod tls;
mod wire;
mod wish;

pub use admission::{Limits, LimitsError};
pub use freeze::tell_freeze;
pub use gateway::{Gateway, Reply};
pub use limits::{BODY_BYTES_MAX, CALLS_MAX};
pub use mirror::{Mirror, Sighting};
pub use own::shown;
pub use peer::{Peer, ShownCertificate};
pub use record::{ELEVATION, WOULD_REFUSE, WOULD_REFUSE_INSPECTION};
pub use redact::{MaskKey, Redaction};
pub use serve::{ServeError, Threads, serve};
pub use settings::{GuardedOrg, Settings, SettingsError};
pub use telling::{GlassStep, Hand, Step, tell, tell_glass};
pub use tls::{Tls, TlsError, TlsFiles};
