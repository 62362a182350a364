//! `portcullis audit show`: entries for people, and as JSON.

use super::span;
use crate::arguments::{Arguments, Show};
use crate::export::{Calls, Joined};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::{State, Writer};
use audit::{Following, ReadUpTo};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// Runs the verb.
pub(super) fn run(which: &Show, arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let now = clock::Clock::now(&clock::System);
    let wanted = Wanted::read(which, now, &settings, arguments)?;
    let mut found: Vec<Joined> = Vec::new();
    for writer in wanted.writers.iter().copied() {
        found.extend(newest(
            &settings,
            org.as_str(),
            writer,
            &wanted,
            which.limit,
        )?);
    }
    found.sort_by_key(|joined| joined.entry.at);
    let surplus = found.len().saturating_sub(which.limit);
    let shown = found.get(surplus..).unwrap_or_default();
    let values: Vec<Value> = shown.iter().map(value).collect();
    printer.result(table(shown), &json!({ "entries": values }))?;
    if surplus > 0 {
        printer.note(format!(
            "only the newest {} are shown; narrow the search, or raise --limit",
            which.limit
        ));
    }
    Ok(Exit::Done)
}

/// The newest entries of one chain that are wanted.
fn newest(
    settings: &Settings,
    org: &str,
    writer: Writer,
    wanted: &Wanted,
    limit: usize,
) -> Result<VecDeque<Joined>, Failure> {
    let start = ReadUpTo {
        entry: 0,
        hash: String::new(),
    };
    let mut following = Following::open(&writer.directory(&settings.state), org, start)?;
    let mut calls = Calls::of(writer.name(), org);
    let mut found = VecDeque::new();
    while let Some(followed) = following.read()? {
        let joined = calls.join(followed);
        if wanted.fits(&joined) {
            found.push_back(joined);
            if found.len() > limit.saturating_add(1) {
                found.pop_front();
            }
        }
    }
    Ok(found)
}

/// What is looked for.
struct Wanted<'s> {
    which: &'s Show,
    /// Id of the client.
    client: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    writers: Vec<Writer>,
}

impl<'s> Wanted<'s> {
    fn read(
        which: &'s Show,
        now: Timestamp,
        settings: &Settings,
        arguments: &Arguments,
    ) -> Result<Self, Failure> {
        let time = |text: &Option<String>| {
            text.as_deref()
                .map(|text| span::read(text, now))
                .transpose()
        };
        let writers: Vec<Writer> = Writer::ALL
            .into_iter()
            .filter(|writer| {
                which
                    .writer
                    .as_deref()
                    .is_none_or(|name| name == writer.name())
            })
            .collect();
        if writers.is_empty() {
            let hint = "Use gateway, jobs or operator.";
            return Err(Failure::new(Exit::Usage, "no chain has this name", hint));
        }
        Ok(Self {
            client: which
                .client
                .as_deref()
                .map(|name| id_of(name, settings, arguments))
                .transpose()?,
            since: time(&which.since)?,
            until: time(&which.until)?,
            writers,
            which,
        })
    }

    fn fits(&self, joined: &Joined) -> bool {
        let (which, entry, about) = (self.which, &joined.entry, joined.about());
        let same =
            |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        let about_object = |id: &String| {
            let values = about.resources.values().chain(entry.details.values());
            values.into_iter().any(|value| value == id)
        };
        same(&self.client, &about.client)
            && same(&which.operation, &about.operation)
            && same(&which.okta_request, &entry.okta_request_id)
            && which.object.as_ref().is_none_or(about_object)
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && which.entry.is_none_or(|number| entry.number == number)
            && which
                .call
                .is_none_or(|call| entry.number == call || entry.call == Some(call))
            && (!which.refused || entry.kind == "refused")
    }
}

/// The id of a client of this name; what is no name is taken for an id, so that clients long gone are found.
fn id_of(name: &str, settings: &Settings, arguments: &Arguments) -> Result<String, Failure> {
    if name.starts_with("cli") || Writer::ALL.iter().any(|writer| writer.name() == name) {
        return Ok(name.to_owned());
    }
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(settings)?;
    let clients = state.keyring.clients(org)?;
    let found = clients
        .into_iter()
        .find(|client| client.name.as_str() == name);
    Ok(found.map_or_else(|| name.to_owned(), |client| client.id.to_string()))
}

/// One line an entry: when, where it stands, what, who, about what, how it went.
fn table(joined: &[Joined]) -> String {
    let rows: Vec<[String; 6]> = joined.iter().map(row).collect();
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let lines = rows.iter().map(|row| {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    match joined.is_empty() {
        true => "no such entry".to_owned(),
        false => lines.collect::<Vec<_>>().join("\n"),
    }
}

fn row(joined: &Joined) -> [String; 6] {
    let (entry, about) = (&joined.entry, joined.about());
    let mut end = Vec::new();
    end.extend(entry.status.map(|status| status.to_string()));
    end.extend(entry.reason.clone());
    end.extend(
        entry
            .duration_us
            .map(|micros| format!("{}.{} ms", micros / 1_000, micros / 100 % 10)),
    );
    end.extend(
        entry
            .okta_request_id
            .as_ref()
            .map(|id| format!("okta {id}")),
    );
    end.extend(
        entry
            .details
            .iter()
            .map(|(name, value)| format!("{name}={value}")),
    );
    let things: Vec<&str> = about.resources.values().map(String::as_str).collect();
    let call = entry
        .call
        .map(|call| format!(" of {call}"))
        .unwrap_or_default();
    [
        format!("{:.3}", entry.at),
        format!("{} {}{call}", joined.writer, entry.number),
        entry.kind.clone(),
        about.client.clone().unwrap_or_else(|| "-".to_owned()),
        format!(
            "{} {}",
            about.operation.as_deref().unwrap_or("-"),
            things.join(" ")
        )
        .trim_end()
        .to_owned(),
        end.join(", "),
    ]
}

/// The entry as it stands in the trail, with the chain's name and, of an end of a call, the beginning.
fn value(joined: &Joined) -> Value {
    let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap_or(Value::Null);
    let mut value = parse(&joined.line);
    if let Some(members) = value.as_object_mut() {
        members.insert("chain".to_owned(), joined.chain().into());
        if let Some(opening) = &joined.opening {
            let began = json!({
                "at": opening.at.to_string(),
                "client": opening.client,
                "operation": opening.operation,
                "resources": opening.resources,
                "source": opening.source,
            });
            members.insert("opening".to_owned(), began);
        }
    }
    value
}
