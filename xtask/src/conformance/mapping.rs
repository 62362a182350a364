//! Which word of the emulated org stands for which word of the recorded one: ids, client ids, keys, secrets, cursors, hosts.
//!
//! Learnt by walking the recorded and the emulated answer side by side: what stands at the same place plays the same role.
//! Never maps ordinary words, so that a wrong status or type stays visible. Start with [`Mapping::learn`].

use super::pairing::pair;
use emulator::recording::Interaction;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The exchange of words for one conversation.
#[derive(Debug)]
pub(super) struct Mapping {
    base: String,
    words: HashMap<String, String>,
    sent: HashSet<String>,
    hosts: HashSet<String>,
    wanted: HashSet<String>,
    made: Vec<(String, String)>,
}

impl Mapping {
    /// Nothing known yet but the emulated org's own address (no trailing slash) and the recorded one's host.
    pub(super) fn new(base: &str, host: &str) -> Self {
        let mut mapping = Self {
            base: base.to_owned(),
            words: HashMap::new(),
            sent: HashSet::new(),
            hosts: HashSet::new(),
            wanted: HashSet::new(),
            made: Vec::new(),
        };
        mapping.add_host(host);
        mapping
    }

    /// Says what the conversation is going to send: the ids in its path, query and body are wanted.
    pub(super) fn expect(&mut self, one: &Interaction) {
        let body = one.request.json().map(Value::to_string).unwrap_or_default();
        for text in [&one.path, &one.query, &body] {
            let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
            self.wanted
                .extend(words.filter(|word| is_id(word)).map(str::to_owned));
        }
    }

    /// Whether the conversation sends this recorded id.
    pub(super) fn is_wanted(&self, recorded: &str) -> bool {
        self.wanted.contains(recorded)
    }

    /// The emulator's word for a recorded one, if the conversation has met it.
    pub(super) fn word(&self, recorded: &str) -> Option<&str> {
        self.words.get(recorded).map(String::as_str)
    }

    /// Whether some recorded word stands for this emulated one.
    pub(super) fn stands_for_something(&self, emulated: &str) -> bool {
        self.words.values().any(|word| word == emulated)
    }

    /// Whether the conversation has sent this word itself (a name, an attribute, a type).
    pub(super) fn was_sent(&self, word: &str) -> bool {
        self.sent.contains(word)
    }

    /// Remembers what the conversation sends.
    pub(super) fn note_sent(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                self.sent.insert(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| self.note_sent(item)),
            Value::Object(members) => members.iter().for_each(|(name, value)| {
                self.sent.insert(name.clone());
                self.note_sent(value);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Text as the emulated org must be told it.
    pub(super) fn translate(&self, text: &str) -> String {
        if let Some(whole) = self.words.get(text) {
            return whole.clone();
        }
        let mut moved = text.to_owned();
        for host in &self.hosts {
            if moved.contains(host.as_str()) {
                moved = moved.replace(&format!("https://{host}"), &self.base);
            }
        }
        self.translate_words(&self.made(&moved))
    }

    /// Text with the names Okta makes itself (`acme_payroll_1` of an app without one) exchanged, within words, too.
    pub(super) fn made(&self, text: &str) -> String {
        let mut moved = text.to_owned();
        for (mine, theirs) in self
            .made
            .iter()
            .filter(|(mine, _)| text.contains(mine.as_str()))
        {
            moved = moved.replace(mine.as_str(), theirs);
        }
        moved
    }

    /// A body as the emulated org must be told it, member names included.
    pub(super) fn translate_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.translate(text)),
            Value::Array(items) => items.iter().map(|item| self.translate_json(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (self.translate_words(name), self.translate_json(value)))
                .collect(),
            plain => plain.clone(),
        }
    }

    fn translate_words(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest
                .find(|letter: char| !is_word_letter(letter))
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            out.push_str(&self.translate_word(word));
            let next = after.chars().next().map_or(0, char::len_utf8);
            let (gap, remaining) = after.split_at(next);
            out.push_str(gap);
            rest = remaining;
        }
        out
    }

    fn translate_word(&self, word: &str) -> String {
        if let Some(known) = self.words.get(word) {
            return known.clone();
        }
        // ids are plain letters and digits; `-` and `_` may glue them to other text
        let parts: Vec<&str> = word.split_inclusive(['-', '_']).collect();
        if parts.len() < 2 {
            return word.to_owned();
        }
        let exchange = |part: &str| {
            let bare = part.trim_end_matches(['-', '_']);
            self.words
                .get(bare)
                .map_or_else(|| part.to_owned(), |known| part.replacen(bare, known, 1))
        };
        parts.into_iter().map(exchange).collect()
    }

    /// Learns from two answers to the same request.
    pub(super) fn learn(&mut self, recorded: &Value, emulated: &Value) {
        self.walk("", recorded, emulated);
    }

    /// Learns from two addresses of the same thing.
    pub(super) fn learn_address(&mut self, recorded: &str, emulated: &str) {
        let Some((host, recorded_path)) = split_address(recorded) else {
            return;
        };
        let Some((_, emulated_path)) = split_address(emulated) else {
            return;
        };
        if emulated.starts_with(&self.base) {
            self.add_host(host);
        }
        let pieces = |text: &str| {
            text.split(['/', '?', '&', '='])
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (left, right) = (pieces(recorded_path), pieces(emulated_path));
        if left.len() != right.len() {
            return;
        }
        let mut after = String::new();
        for (mine, theirs) in left.into_iter().zip(right) {
            if is_id(&mine)
                || after == "after"
                || matches!(after.as_str(), "keys" | "csrs" | "user")
            {
                self.add(&mine, &theirs);
            }
            after = mine;
        }
    }

    fn walk(&mut self, member: &str, recorded: &Value, emulated: &Value) {
        match (recorded, emulated) {
            (Value::Object(mine), Value::Object(theirs)) => {
                // an object's own id first: nested ids often repeat it
                for (name, value) in mine {
                    if let Some(other) = theirs.get(name) {
                        self.walk(name, value, other);
                    }
                }
            }
            (Value::Array(mine), Value::Array(theirs)) => {
                let pairs = pair(self, mine, theirs);
                for (left, right) in pairs {
                    if let (Some(left), Some(right)) = (mine.get(left), theirs.get(right)) {
                        self.walk(member, left, right);
                    }
                }
            }
            (Value::String(mine), Value::String(theirs)) => self.learn_text(member, mine, theirs),
            _ => {}
        }
    }

    fn learn_text(&mut self, member: &str, recorded: &str, emulated: &str) {
        if recorded.contains("://") {
            return self.learn_address(recorded, emulated);
        }
        if member == "name" && recorded != emulated && !self.sent.contains(recorded) {
            self.made.push((recorded.to_owned(), emulated.to_owned()));
        }
        if NAMING.contains(&member) || (is_id(recorded) && is_id(emulated)) {
            self.add(recorded, emulated);
        }
    }

    /// The first meeting counts: a later, different partner would be a wrong reference, not a new meaning.
    fn add(&mut self, recorded: &str, emulated: &str) {
        if !recorded.is_empty() && !self.words.contains_key(recorded) {
            self.words.insert(recorded.to_owned(), emulated.to_owned());
        }
    }

    fn add_host(&mut self, host: &str) {
        if !host.is_empty() && !self.base.ends_with(host) {
            self.hosts.insert(host.to_owned());
        }
    }
}

/// Splits `https://host/path` into host and path.
fn split_address(address: &str) -> Option<(&str, &str)> {
    let (_, rest) = address.split_once("://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

/// Whether a word looks like an id Okta made: 20 letters and digits, with a digit or several capitals (`authorizationServers`
/// is a word of 20 letters, too).
pub(super) fn is_id(word: &str) -> bool {
    word.len() == 20
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && (word.bytes().any(|byte| byte.is_ascii_digit())
            || word.bytes().filter(u8::is_ascii_uppercase).count() > 2)
}

fn is_word_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

/// Members whose text names the object itself or is a secret Okta made, whatever it looks like.
const NAMING: [&str; 13] = [
    "id",
    "kid",
    "client_id",
    "client_secret",
    "secret_hash",
    "secret",
    "stateToken",
    "sessionToken",
    "token",
    "orn",
    "csrId",
    "resourceId",
    "x5t#S256",
];

#[cfg(test)]
mod tests;
