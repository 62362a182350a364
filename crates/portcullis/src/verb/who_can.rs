//! `portcullis who-can OPERATION [OBJECT…]`: every client, and whether a call of the operation would be let through. With objects the
//! answer is what the gateway would give; without, it names the conditions.

use crate::arguments::{Arguments, WhoCan};
use crate::failure::{Exit, Failure};
use crate::holder::{Holder, told, told_value};
use crate::last_seen::LastSeen;
use crate::printer::{Printer, counted};
use crate::settings::Settings;
use crate::wiring::State;
use access::{Circumstances, Objects, OrgRules, Prospect, prospect};
use catalog::{Kind, Operation};
use jiff::Timestamp;
use policy::objects_of;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Runs the verb.
pub(crate) async fn run(
    verb: &WhoCan,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let operation = operation(&verb.operation)?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    let rules = OrgRules {
        protocol: org_settings.sign_in,
    };
    let mut snapshot = None;
    let mut seen = None;
    if !verb.objects.is_empty() {
        let values = values(operation, &verb.objects)?;
        let last = LastSeen::read(&settings, org).await?;
        snapshot = last.at;
        seen = Some(Circumstances {
            source: verb.source,
            objects: last.objects(operation, &values),
            ..Circumstances::default()
        });
    }
    let mut answers = Vec::new();
    for (client, standing) in state.keyring.standings(org, now)? {
        let prospect = prospect(&standing, rules, operation, seen.as_ref(), now);
        let holder = Holder::of(&state.keyring, client, now)?;
        let is_welcome = holder.is_welcome_from(verb.source);
        answers.push(Answered {
            holder,
            prospect,
            is_welcome,
        });
    }
    let told = Told {
        operation,
        objects: seen.map(|seen| seen.objects),
        snapshot,
        answers,
        besides: besides(operation, state.keyring.glass(org)?.is_some()),
    };
    printer.result(told.to_text(), &told.to_value())?;
    Ok(Exit::Done)
}

/// The answer to the whole question.
struct Told {
    operation: &'static Operation,
    objects: Option<Objects>,
    snapshot: Option<Timestamp>,
    answers: Vec<Answered>,
    besides: Vec<&'static str>,
}

impl Told {
    fn to_text(&self) -> String {
        let able = self
            .answers
            .iter()
            .filter(|answered| answered.can())
            .count();
        let (id, all) = (self.operation.id, self.answers.len());
        let mut text = format!("{id}: {able} of {all} clients\n");
        text.extend(self.answers.iter().map(Answered::to_text));
        if !self.besides.is_empty() {
            text.push_str(&format!("besides: {}\n", self.besides.join("; ")));
        }
        let reads_body = |answered: &Answered| answered.prospect.reads_body;
        if self.objects.is_some() && self.answers.iter().any(reads_body) {
            text.push_str("where policies look at the body, an empty one is assumed\n");
        }
        let objects = self.objects.as_ref();
        text.extend(objects.and_then(|objects| note(objects, self.snapshot.is_some())));
        text
    }

    fn to_value(&self) -> Value {
        json!({
            "operation": self.operation.id,
            "scopes": self.operation.scopes,
            "objects": self.objects.as_ref().map(objects_value),
            "snapshot": self.snapshot.map(|at| at.to_string()),
            "clients": self.answers.iter().map(Answered::to_value).collect::<Vec<_>>(),
            "besides": self.besides,
        })
    }
}

/// What was found out about one client.
struct Answered {
    holder: Holder,
    prospect: Prospect,
    /// Whether it may call from the address in question.
    is_welcome: bool,
}

impl Answered {
    /// Whether a call would be let through now, by what the client can show, from where it comes.
    fn can(&self) -> bool {
        let lets_through = self.prospect.answer.lets_through();
        self.is_welcome && lets_through && self.holder.silence().is_none()
    }

    fn to_text(&self) -> String {
        let answer = match self.is_welcome {
            true => told(&self.prospect),
            false => "no: it may not call from there".to_owned(),
        };
        let (name, ways) = (&self.holder.client.name, self.holder.ways());
        format!("  {name}  {answer}  [{ways}]\n")
    }

    fn to_value(&self) -> Value {
        let mut value = self.holder.value();
        if let (Value::Object(value), Value::Object(told)) =
            (&mut value, told_value(&self.prospect))
        {
            value.extend(told);
            value.insert("can".to_owned(), json!(self.can()));
        }
        value
    }
}

/// Who can call it without being a client: the product's own jobs, and whoever opens the glass.
fn besides(operation: &Operation, has_glass: bool) -> Vec<&'static str> {
    if operation.kind == Kind::Protocol {
        return Vec::new();
    }
    let backup = operation.is_read().then_some("backup");
    let glass = has_glass.then_some("whoever opens the glass");
    backup
        .into_iter()
        .chain(["restore, as far as its plan goes"])
        .chain(glass)
        .collect()
}

/// The operation of this id, or one that differs in capitals only.
fn operation(id: &str) -> Result<&'static Operation, Failure> {
    let all = catalog::operations();
    let same = |operation: &&Operation| operation.id.eq_ignore_ascii_case(id);
    let found = all.by_id(id).or_else(|| all.iter().find(same));
    found.ok_or_else(|| access::AccessError::UnknownOperation(id.to_owned()).into())
}

/// The values of the operation's path: those that name objects as given, in order; the others do not matter.
fn values(
    operation: &'static Operation,
    given: &[String],
) -> Result<BTreeMap<String, String>, Failure> {
    let slots = objects_of(operation);
    if slots.len() != given.len() {
        let names: Vec<&str> = slots.iter().map(|slot| slot.parameter).collect();
        let hint = match names.as_slice() {
            [] => "Ask without an object.".to_owned(),
            names => format!("Give {}, in this order.", names.join(" and ")),
        };
        let message = format!(
            "{} given for {}, whose path names {}",
            counted(given.len(), "object"),
            operation.id,
            slots.len()
        );
        return Err(Failure::new(Exit::Usage, message, hint));
    }
    let mut values: BTreeMap<String, String> = operation
        .path_parameters()
        .map(|name| (name.to_owned(), "-".to_owned()))
        .collect();
    let named = slots.iter().zip(given);
    values.extend(named.map(|(slot, value)| (slot.parameter.to_owned(), value.clone())));
    Ok(values)
}

/// What is not known, said aloud.
fn note(objects: &Objects, has_snapshot: bool) -> Option<String> {
    match (objects, has_snapshot) {
        (Objects::Unknown { .. }, false) => {
            Some("no snapshot tells what the object is: where policies look at objects, the gateway refuses. Take one with `portcullis backup`.\n".to_owned())
        }
        (Objects::Unknown { parameter }, true) => {
            Some(format!("the last snapshot does not know the {parameter}: where policies look at objects, the gateway refuses until it does.\n"))
        }
        (Objects::Known(_) | Objects::NotAsked, _) => None,
    }
}

fn objects_value(objects: &Objects) -> Value {
    match objects {
        Objects::Known(objects) => objects
            .iter()
            .map(|object| json!({ "type": object.entity, "id": object.id }))
            .collect(),
        Objects::Unknown { parameter } => json!({ "unknown": parameter }),
        Objects::NotAsked => Value::Null,
    }
}
