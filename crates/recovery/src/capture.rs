//! Capture: an org read through its API into an [`Image`], every object's bytes as Okta sent them.
//!
//! Kinds are walked in restore order, so that owners are known before what they own. The catalog says how each collection is
//! read and which need not be. A collection that is refused or breaks off becomes a gap, never an empty list; a line that is
//! dead ends the capture, because nothing more could be read.

mod collection;
mod failure;
mod minimum;
mod page;

pub use failure::CaptureError;
pub use minimum::minimum_calls;

use crate::image::{Gap, Image};
use crate::limits::COLLECTIONS_AT_ONCE;
use collection::{Collection, Read};
use futures_util::StreamExt;
use org::{Key, Kind, Object, Org};
use std::collections::BTreeSet;
use std::sync::Arc;
use upstream::Line;

/// What a capture brought.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The org.
    pub image: Image,
    /// Calls to Okta that were made.
    pub calls_used: usize,
    /// Fewest calls that could have read the same; see [`minimum_calls`].
    pub calls_minimum: usize,
}

/// How far a capture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The kind that was read last.
    pub kind: Kind,
    /// Kinds read, of how many.
    pub kinds: (usize, usize),
    /// Objects read so far.
    pub objects: usize,
    /// Calls made so far.
    pub calls: usize,
}

/// Reads the whole org on `line`, telling `progress` after each kind.
///
/// # Errors
/// [`CaptureError`], when the line itself fails: no audit trail, no connection, no credential.
pub async fn capture(
    line: &Line,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Capture, CaptureError> {
    let mut org = Org::new();
    let mut gaps = Vec::new();
    let mut calls = 0;
    let mut walked = BTreeSet::new();
    let total = Kind::all().filter(|kind| is_readable(*kind)).count();
    for kind in Kind::all().filter(|kind| is_readable(*kind)) {
        let read = read_kind(line, kind, &org).await?;
        calls += read.calls;
        gaps.extend(read.gaps);
        for object in read.objects {
            org.insert(object);
        }
        walked.insert(kind);
        progress(Progress {
            kind,
            kinds: (walked.len(), total),
            objects: org.len(),
            calls,
        });
    }
    let image = Image::new(org, walked, gaps);
    let calls_minimum = minimum_calls(&image);
    Ok(Capture {
        image,
        calls_used: calls,
        calls_minimum,
    })
}

/// Whether Okta has a way to read all objects of the kind; the others count as unread.
fn is_readable(kind: Kind) -> bool {
    let facts = kind.facts();
    let single = facts.singleton && facts.verbs.get.is_some();
    single || facts.verbs.list.is_some() || !facts.listing.from_parent.is_empty()
}

/// All objects of one kind.
async fn read_kind(line: &Line, kind: Kind, org: &Org) -> Result<Read, CaptureError> {
    let mut read = Read::default();
    let owners = match owner_kind(kind) {
        None => return collection::read(line, &Collection { kind, owner: None }).await,
        Some(owner) => owners_worth_asking(line, kind, owner, org, &mut read).await?,
    };
    let collections = owners.iter().map(|owner| Collection {
        kind,
        owner: Some(owner.as_ref()),
    });
    let collections: Vec<Collection<'_>> = collections.collect();
    let mut answers = futures_util::stream::iter(
        collections
            .iter()
            .map(|collection| collection::read(line, collection)),
    )
    .buffered(COLLECTIONS_AT_ONCE);
    while let Some(answer) = answers.next().await {
        read.add(answer?);
    }
    Ok(read)
}

fn owner_kind(kind: Kind) -> Option<Kind> {
    kind.facts().parent.as_deref().and_then(Kind::named)
}

/// The owners whose collection may hold something: those the conditions admit, and of them those that a listing of worthwhile
/// owners names, where there is one.
async fn owners_worth_asking(
    line: &Line,
    kind: Kind,
    owner: Kind,
    org: &Org,
    read: &mut Read,
) -> Result<Vec<Arc<Object>>, CaptureError> {
    let mut owners: Vec<Arc<Object>> = org
        .of(owner)
        .filter(|owner| is_worth_asking(kind, owner))
        .cloned()
        .collect();
    let Some(operation) = &kind.facts().listing.parents else {
        return Ok(owners);
    };
    let named = collection::ids(line, kind, operation).await?;
    read.calls += named.calls;
    match named.ids {
        Ok(ids) => owners.retain(|owner| ids.contains(&owner.key().id())),
        Err(gap) => {
            read.gaps.push(gap);
            owners.clear();
        }
    }
    Ok(owners)
}

/// Whether the owner's collection may hold something, by what the owner's own body says.
fn is_worth_asking(kind: Kind, owner: &Object) -> bool {
    let listing = &kind.facts().listing;
    listing
        .only_if
        .iter()
        .all(|condition| condition.holds(owner.body()))
        && !listing
            .unless
            .iter()
            .any(|condition| condition.holds(owner.body()))
}

/// A gap for the whole collection of `owner`.
fn gap(
    kind: Kind,
    owner: Option<&Key>,
    part: Option<(String, String)>,
    refusal: failure::Refusal,
) -> Gap {
    Gap {
        kind: kind.name().to_owned(),
        parent: owner.cloned(),
        part,
        cause: refusal.cause,
        reason: refusal.reason,
    }
}
