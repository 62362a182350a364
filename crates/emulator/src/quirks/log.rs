//! `GET /api/v1/logs`: bounded queries by time, and polling, where the `next` link never ends.

use super::Quirk;
use crate::syslog::Entry;
use crate::{Call, Context, Error, Reply, page};
use jiff::Timestamp;
use org::filter::Filter;
use serde_json::Value;

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("listLogEvents", list)],
    ..Quirk::NONE
};

fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let wanted = Wanted::read(call)?;
    let limit = call
        .query("limit")
        .map_or(Ok(PAGE), str::parse)
        .map_err(|_| Error::invalid("limit", ["limit: not a number"]))?;
    let down = call
        .query("sortOrder")
        .is_some_and(|order| order.eq_ignore_ascii_case("DESCENDING"));
    let matching = ctx.world.log.iter().filter(|entry| wanted.keeps(entry));
    let limit = limit.clamp(0, PAGE_MAX);
    let page: Vec<&Entry> = if down {
        matching.rev().take(limit).collect()
    } else {
        matching.take(limit).collect()
    };
    let polling = call.query("until").is_none() && !down;
    let last = page.last().map(|entry| cursor(entry));
    let next = match (&last, polling) {
        (Some(last), _) if polling || page.len() == limit => Some(last.clone()),
        (None, true) => Some(
            call.query("after")
                .map_or_else(|| format!("{}_0", ctx.now.as_millisecond()), str::to_owned),
        ),
        _ => None,
    };
    let items: Vec<Value> = page.into_iter().map(|entry| entry.body.clone()).collect();
    Ok(page::with_links(
        ctx,
        call,
        Reply::ok(Value::Array(items)),
        next.as_deref(),
    ))
}

/// `<ms>_<n>`: time and number of an entry.
fn cursor(entry: &Entry) -> String {
    format!("{}_{}", entry.at.as_millisecond(), entry.number)
}

struct Wanted {
    after: Option<u64>,
    down: bool,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    filter: Option<Filter>,
    words: Vec<String>,
}

impl Wanted {
    fn read(call: &Call) -> Result<Self, Error> {
        let time = |name: &str| match call.query(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                Error::invalid(name, [format!("{name}: The time is not in ISO 8601 form.")])
            }),
        };
        let filter = call
            .query("filter")
            .filter(|text| !text.trim().is_empty())
            .map(Filter::parse)
            .transpose();
        let after = call.query("after").map(|cursor| {
            let number = cursor
                .split_once('_')
                .and_then(|(_, number)| number.parse().ok());
            number.ok_or_else(|| Error::new("E0000029").with_cause("Invalid cursor."))
        });
        Ok(Self {
            after: after.transpose()?,
            down: call
                .query("sortOrder")
                .is_some_and(|order| order.eq_ignore_ascii_case("DESCENDING")),
            since: time("since")?,
            until: time("until")?,
            filter: filter.map_err(|error| Error::new("E0000031").with_cause(error.to_string()))?,
            words: call
                .query("q")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_lowercase)
                .collect(),
        })
    }

    fn keeps(&self, entry: &Entry) -> bool {
        let placed = self.after.is_none_or(|after| {
            if self.down {
                entry.number < after
            } else {
                entry.number > after
            }
        });
        placed
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.matches(&entry.body))
            && (self.words.is_empty() || {
                let text = entry.body.to_string().to_lowercase();
                self.words.iter().all(|word| text.contains(word))
            })
    }
}

/// Okta's page (documented) and its largest.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1000;
