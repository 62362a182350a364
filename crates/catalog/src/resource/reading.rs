//! Checks what the files of `okta/resources/` say and turns it into [`ResourceType`]s in restore order.

use super::written::{
    Written, WrittenAnswer, WrittenBirth, WrittenFate, WrittenLifecycle, WrittenListing,
    WrittenLoss,
};
use super::{
    Birth, Condition, Fate, Identity, Lifecycle, Link, Listing, Loss, Reference, ResourceType,
    Resources, SwitchAnswer, Verbs,
};
use crate::pattern::{Pattern, PatternError};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a resource file.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResourceError {
    #[error("okta/resources/{file}.toml: {source}")]
    Toml {
        file: String,
        source: toml::de::Error,
    },
    #[error("okta/resources/{file}.toml: {source}")]
    Pattern { file: String, source: PatternError },
    #[error("okta/resources/{file}.toml: `{text}` is not `place=value` or `place in a,b`")]
    Condition { file: String, text: String },
    #[error("okta/resources/{file}.toml: birth.defaults or birth.first is not JSON: {source}")]
    Json {
        file: String,
        source: serde_json::Error,
    },
    #[error("okta/resources/{file}.toml names the type `{name}`, which has no file")]
    UnknownType { file: String, name: String },
}

/// Server-assigned places of every type (Okta sets them, and never takes them from a caller).
const READONLY_EVERYWHERE: &[&str] = &[
    "id",
    "created",
    "createdBy",
    "lastUpdated",
    "lastUpdatedBy",
    "_links",
    "_embedded",
];

pub(super) fn read(files: &[(&str, &str)]) -> Result<Resources, ResourceError> {
    let mut types = Vec::new();
    for (file, text) in files {
        let written: Written = toml::from_str(text).map_err(|source| ResourceError::Toml {
            file: (*file).to_owned(),
            source,
        })?;
        types.push(Reader { file }.resource(written)?);
    }
    let names: BTreeSet<String> = types
        .iter()
        .map(|t: &ResourceType| t.name.clone())
        .collect();
    for kind in &types {
        let named = kind
            .parent
            .iter()
            .chain(&kind.relates)
            .chain(&kind.after)
            .chain(kind.references.iter().flat_map(|r| &r.to));
        for name in named {
            if !names.contains(name) {
                return Err(ResourceError::UnknownType {
                    file: kind.name.clone(),
                    name: name.clone(),
                });
            }
        }
    }
    let list = in_restore_order(types);
    let by_name = list
        .iter()
        .enumerate()
        .map(|(at, kind)| (kind.name.clone(), at))
        .collect();
    Ok(Resources {
        list,
        by_name,
        broken: None,
    })
}

/// Repeatedly takes the first type (by name) all of whose needs are placed; a cycle is broken at the first by name.
fn in_restore_order(mut waiting: Vec<ResourceType>) -> Vec<ResourceType> {
    let mut placed: Vec<ResourceType> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let open: BTreeSet<&str> = waiting.iter().map(|t| t.name.as_str()).collect();
        let ready = waiting
            .iter()
            .position(|t| needs(t).all(|n| n == t.name || !open.contains(n)));
        let parent_placed = || {
            waiting
                .iter()
                .position(|t| t.parent.iter().all(|p| !open.contains(p.as_str())))
        };
        let next = ready.or_else(parent_placed).unwrap_or(0);
        let kind = waiting.remove(next);
        placed.push(kind);
    }
    placed
}

fn needs(kind: &ResourceType) -> impl Iterator<Item = &str> {
    let references = kind
        .references
        .iter()
        .filter(|r| !r.deferred)
        .flat_map(|r| &r.to);
    kind.parent
        .iter()
        .chain(&kind.relates)
        .chain(&kind.after)
        .chain(references)
        .map(String::as_str)
}

struct Reader<'a> {
    file: &'a str,
}

impl Reader<'_> {
    fn resource(&self, w: Written) -> Result<ResourceType, ResourceError> {
        let mut readonly = self.patterns(READONLY_EVERYWHERE.iter().copied())?;
        readonly.extend(self.patterns(w.readonly.iter().map(String::as_str))?);
        let mut references = self.references(&w.references, false)?;
        references.extend(self.references(&w.deferred, true)?);
        Ok(ResourceType {
            name: self.file.to_owned(),
            title: w.title,
            parent: w.parent,
            path: w.path,
            singleton: w.singleton,
            relates: w.relates,
            verbs: Verbs {
                list: w.verbs.list,
                get: w.verbs.get,
                create: w.verbs.create,
                replace: w.verbs.replace,
                delete: w.verbs.delete,
                activate: w.verbs.activate,
                deactivate: w.verbs.deactivate,
            },
            listing: self.listing(w.listing)?,
            identity: Identity {
                id: self.pattern(w.identity.id.as_deref().unwrap_or("id"))?,
                prefix: w.identity.prefix,
                key: self.patterns(w.identity.key.iter().map(String::as_str))?,
                title: w
                    .identity
                    .title
                    .as_deref()
                    .map(|t| self.pattern(t))
                    .transpose()?,
            },
            references,
            after: w.after,
            verbatim: self.patterns(w.verbatim.iter().map(String::as_str))?,
            derived: self.conditions(&w.derived)?,
            system: self.conditions(&w.system)?,
            readonly,
            unordered: self.patterns(w.unordered.iter().map(String::as_str))?,
            frozen: self.patterns(w.frozen.iter().map(String::as_str))?,
            create_query: w.create_query.into_iter().collect(),
            lifecycle: w.lifecycle.map(|l| self.lifecycle(l)).transpose()?,
            losses: w
                .loss
                .into_iter()
                .map(|l| self.loss(l))
                .collect::<Result<_, _>>()?,
            quirk: w.quirk,
            birth: self.birth(w.birth)?,
        })
    }

    fn listing(&self, w: WrittenListing) -> Result<Listing, ResourceError> {
        Ok(Listing {
            limit: w.limit,
            items: w.items,
            each: w.each.into_iter().next(),
            query: w.query.into_iter().collect(),
            only_if: self.conditions(&w.only_if)?,
            unless: self.conditions(&w.unless)?,
            parents: w.parents,
            from_parent: self.patterns(w.from_parent.iter().map(String::as_str))?,
            follow: w.follow.as_deref().map(|p| self.pattern(p)).transpose()?,
            detail: w.detail,
            keep: w.keep,
            page: w.page,
            q: self.patterns(w.q.iter().map(String::as_str))?,
            by: w.by,
        })
    }

    fn lifecycle(&self, w: WrittenLifecycle) -> Result<Lifecycle, ResourceError> {
        Ok(Lifecycle {
            field: self.pattern(&w.field)?,
            on: w.on,
            off: w.off,
            born: w.born,
            replace_needs: w.replace_needs,
            delete_needs: w.delete_needs,
            answer: match w.answer {
                WrittenAnswer::Object => SwitchAnswer::Object,
                WrittenAnswer::Empty => SwitchAnswer::Empty,
                WrittenAnswer::Bare => SwitchAnswer::Bare,
                WrittenAnswer::Nothing => SwitchAnswer::Nothing,
            },
        })
    }

    fn loss(&self, w: WrittenLoss) -> Result<Loss, ResourceError> {
        Ok(Loss {
            at: w.at.as_deref().map(|p| self.pattern(p)).transpose()?,
            kind: w.kind,
            fate: match w.fate {
                WrittenFate::NewValue => Fate::NewValue,
                WrittenFate::NeedsSecret => Fate::NeedsSecret,
                WrittenFate::UserAction => Fate::UserAction,
                WrittenFate::Impossible => Fate::Impossible,
            },
            why: w.why,
            when: w.when.as_deref().map(|c| self.condition(c)).transpose()?,
        })
    }

    fn birth(&self, w: WrittenBirth) -> Result<Birth, ResourceError> {
        let unreadable = |source| ResourceError::Json {
            file: self.file.to_owned(),
            source,
        };
        let defaults = w
            .defaults
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(unreadable)?;
        let first = w
            .first
            .map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text))
            .map_err(unreadable)?;
        let variant = w.variant.as_deref().unwrap_or_default().split_whitespace();
        let variant = variant.map(|p| self.pattern(p)).collect::<Result<_, _>>()?;
        Ok(Birth {
            status: w.status,
            variant,
            class: w.class,
            links: w
                .links
                .iter()
                .map(|text| self.link(text))
                .collect::<Result<_, _>>()?,
            defaults,
            deleted: w.deleted,
            first,
            events: w.events,
        })
    }

    fn link(&self, text: &str) -> Result<Link, ResourceError> {
        let (text, when) = match text.split_once(" if ") {
            Some((text, condition)) => (text, Some(self.condition(condition)?)),
            None => (text, None),
        };
        let mut words = text.split_whitespace();
        let rel = words.next().unwrap_or_default();
        let mut link = Link {
            rel: rel.trim_end_matches("[]").to_owned(),
            array: rel.ends_with("[]"),
            allow: Vec::new(),
            path: None,
            members: Vec::new(),
            when,
        };
        for word in words {
            match word.split_once('=') {
                Some((name, value)) if !word.starts_with('/') => {
                    link.members.push((name.to_owned(), value.to_owned()));
                }
                _ if word.chars().all(|c| c.is_ascii_uppercase() || c == ',') => {
                    link.allow = word.split(',').map(str::to_owned).collect();
                }
                _ => link.path = Some(word.to_owned()),
            }
        }
        Ok(link)
    }

    fn references(
        &self,
        w: &BTreeMap<String, String>,
        deferred: bool,
    ) -> Result<Vec<Reference>, ResourceError> {
        w.iter()
            .map(|(at, to)| {
                let to = to.split(',').map(|name| name.trim().to_owned()).collect();
                Ok(Reference {
                    at: self.pattern(at)?,
                    to,
                    deferred,
                })
            })
            .collect()
    }

    fn conditions(&self, texts: &[String]) -> Result<Vec<Condition>, ResourceError> {
        texts.iter().map(|text| self.condition(text)).collect()
    }

    fn condition(&self, text: &str) -> Result<Condition, ResourceError> {
        let wrong = || ResourceError::Condition {
            file: self.file.to_owned(),
            text: text.to_owned(),
        };
        let (at, values) = match text.split_once(" in ") {
            Some(parts) => parts,
            None => text.split_once('=').ok_or_else(wrong)?,
        };
        let any_of = values.split(',').map(|v| v.trim().to_owned()).collect();
        Ok(Condition {
            at: self.pattern(at.trim())?,
            any_of,
        })
    }

    fn patterns<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Pattern>, ResourceError> {
        texts.map(|text| self.pattern(text)).collect()
    }

    fn pattern(&self, text: &str) -> Result<Pattern, ResourceError> {
        Pattern::parse(text).map_err(|source| ResourceError::Pattern {
            file: self.file.to_owned(),
            source,
        })
    }
}
