//! One collection read to its end: the pages of a listing, a single object, or links that are the objects themselves.

use super::failure::{CaptureError, Refusal, survivable};
use super::{gap, page};
use crate::image::Gap;
use crate::matching::last_segment;
use access::Call;
use org::{Key, Kind, Object};
use serde_json::{Value, json};
use std::collections::HashSet;
use upstream::Line;

/// A collection: one kind, below one owner or none.
pub(super) struct Collection<'a> {
    pub(super) kind: Kind,
    pub(super) owner: Option<&'a Object>,
}

/// What reading brought.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) objects: Vec<Object>,
    pub(super) gaps: Vec<Gap>,
    pub(super) calls: usize,
}

impl Read {
    pub(super) fn add(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.gaps.extend(other.gaps);
        self.calls += other.calls;
    }
}

/// Ids that a listing names, or why it could not be read.
pub(super) struct Ids {
    pub(super) ids: Result<HashSet<String>, Gap>,
    pub(super) calls: usize,
}

/// Reads the collection by whatever way the catalog says.
pub(super) async fn read(line: &Line, collection: &Collection<'_>) -> Result<Read, CaptureError> {
    let facts = collection.kind.facts();
    if !facts.listing.from_parent.is_empty() {
        return Ok(collection.linked());
    }
    if facts.singleton {
        return collection.single(line).await;
    }
    let Some((parameter, values)) = &facts.listing.each else {
        return collection.listing(line, None).await;
    };
    let mut read = Read::default();
    for value in values {
        read.add(collection.listing(line, Some((parameter, value))).await?);
    }
    Ok(read)
}

/// The ids of the owners that `operation` lists as worth asking for objects of `kind`.
pub(super) async fn ids(line: &Line, kind: Kind, operation: &str) -> Result<Ids, CaptureError> {
    let call = Call::new(operation, &[]).map_err(|source| CaptureError::Catalog {
        kind: kind.name(),
        source,
    })?;
    let mut walk = line.pages(call);
    let (mut ids, mut calls) = (HashSet::new(), 0);
    loop {
        calls += 1;
        let answer = match walk.next().await {
            Ok(Some(answer)) => answer,
            Ok(None) => {
                return Ok(Ids {
                    ids: Ok(ids),
                    calls: calls - 1,
                });
            }
            Err(error) => {
                return Ok(Ids {
                    ids: Err(gap(kind, None, None, survivable(error)?)),
                    calls,
                });
            }
        };
        let items =
            page::items(&answer.body, Some("value")).or_else(|_| page::items(&answer.body, None));
        let items = match items {
            Ok(items) => items,
            Err(error) => {
                let refusal = Refusal::unreadable(&error.to_string());
                return Ok(Ids {
                    ids: Err(gap(kind, None, None, refusal)),
                    calls,
                });
            }
        };
        let named = items
            .iter()
            .filter_map(|raw| serde_json::from_str::<Value>(raw.get()).ok());
        ids.extend(named.filter_map(|item| Some(item.get("id")?.as_str()?.to_owned())));
    }
}

impl Collection<'_> {
    fn owner_key(&self) -> Option<&Key> {
        self.owner.map(Object::key)
    }

    fn gap(&self, part: Option<(&String, &String)>, refusal: Refusal) -> Gap {
        gap(
            self.kind,
            self.owner_key(),
            part.map(|(name, value)| (name.clone(), value.clone())),
            refusal,
        )
    }

    /// The objects that links in the owner's body are; no call is made.
    fn linked(&self) -> Read {
        let mut read = Read::default();
        let Some(owner) = self.owner else { return read };
        for link in &self.kind.facts().listing.from_parent {
            let Some(id) = last_segment(link, owner.body()) else {
                continue;
            };
            read.objects.push(Object::new(
                owner.key().child(self.kind, id),
                json!({"id": id}),
            ));
        }
        read
    }

    /// The one object, at its path or where a link of the owner leads.
    async fn single(&self, line: &Line) -> Result<Read, CaptureError> {
        let mut read = Read::default();
        let facts = self.kind.facts();
        let id = match (&facts.listing.follow, self.owner) {
            (Some(link), Some(owner)) => match last_segment(link, owner.body()) {
                Some(id) => vec![id.to_owned()],
                None => return Ok(read),
            },
            _ => self.owner_key().map(Key::ids).unwrap_or_default(),
        };
        let Some(operation) = &facts.verbs.get else {
            return Ok(read);
        };
        match self.one(line, operation, &id, &mut read).await? {
            Ok(object) => read.objects.push(object),
            Err(refusal) => read.gaps.push(self.gap(None, refusal)),
        }
        Ok(read)
    }

    /// The pages of the listing, walked for one value of `part` if there is one.
    async fn listing(
        &self,
        line: &Line,
        part: Option<(&String, &String)>,
    ) -> Result<Read, CaptureError> {
        let mut read = Read::default();
        let facts = self.kind.facts();
        let Some(operation) = &facts.verbs.list else {
            return Ok(read);
        };
        let mut call = self.call(
            operation,
            &self.owner_key().map(Key::ids).unwrap_or_default(),
        )?;
        for (name, value) in facts.listing.query.iter().map(|(n, v)| (n, v)).chain(part) {
            call = call.with_query(name, value);
        }
        if let Some(limit) = facts.listing.limit {
            call = call.with_query("limit", &limit.to_string());
        }
        let mut walk = line.pages(call);
        loop {
            let answer = match walk.next().await {
                Ok(Some(answer)) => answer,
                Ok(None) => break,
                Err(error) => {
                    read.calls += 1;
                    read.gaps.push(self.gap(part, survivable(error)?));
                    break;
                }
            };
            read.calls += 1;
            if let Err(reason) = self.take(&answer.body, &mut read.objects) {
                read.gaps.push(self.gap(part, Refusal::unreadable(&reason)));
                break;
            }
        }
        if facts.listing.detail {
            self.detail(line, read).await
        } else {
            Ok(read)
        }
    }

    fn take(&self, body: &[u8], objects: &mut Vec<Object>) -> Result<(), String> {
        let items = page::items(body, self.kind.facts().listing.items.as_deref())
            .map_err(|error| error.to_string())?;
        for raw in items {
            objects.push(page::object(self.kind, self.owner_key(), raw.get())?);
        }
        Ok(())
    }

    /// Each item read again, because the listing gave a summary only.
    async fn detail(&self, line: &Line, summaries: Read) -> Result<Read, CaptureError> {
        let mut read = Read {
            objects: Vec::new(),
            ..summaries
        };
        let Some(operation) = &self.kind.facts().verbs.get else {
            return Ok(read);
        };
        for summary in summaries.objects {
            match self
                .one(line, operation, &summary.key().ids(), &mut read)
                .await?
            {
                Ok(object) => read.objects.push(object),
                Err(refusal) => read.gaps.push(self.gap(None, refusal)),
            }
        }
        Ok(read)
    }

    async fn one(
        &self,
        line: &Line,
        operation: &str,
        ids: &[String],
        read: &mut Read,
    ) -> Result<Result<Object, Refusal>, CaptureError> {
        let call = self.call(operation, ids)?;
        read.calls += 1;
        let answer = match line.call(call).await {
            Ok(answer) if answer.is_success() => answer,
            Ok(answer) => return Ok(Err(Refusal::of(&answer))),
            Err(error) => return survivable(error).map(Err),
        };
        let text = std::str::from_utf8(&answer.body).map_err(|error| error.to_string());
        let object = text.and_then(|text| page::object(self.kind, self.owner_key(), text));
        Ok(object.map_err(|reason| Refusal::unreadable(&reason)))
    }

    fn call(&self, operation: &str, ids: &[String]) -> Result<Call, CaptureError> {
        let path = catalog::operations()
            .by_id(operation)
            .map(|operation| operation.path_parameters());
        let params: Vec<(&str, &str)> = path
            .into_iter()
            .flatten()
            .zip(ids.iter().map(String::as_str))
            .collect();
        Call::new(operation, &params).map_err(|source| CaptureError::Catalog {
            kind: self.kind.name(),
            source,
        })
    }
}
