//! The languages that text is read as, each a list of structures that start, end or smuggle something in it. A dialect is a file;
//! the automata are compiled once, on first use, and read a text once, in time linear in its length.
//!
//! A structure is written over folded text (see `views`): lower case, encodings undone. Words alone never make one.

mod code;
mod command;
mod directory;
mod header;
mod markup;
mod path;
mod script;
mod sql;
mod template;

use std::sync::LazyLock;

use regex::bytes::{RegexSet, RegexSetBuilder};

use super::{fault, views};
use crate::Fault;
use crate::limits::{DIALECT_BYTES_MAX, DIALECT_CACHE_BYTES_MAX};

/// One language: what it is called in findings, its structures, and the form of the text they are written over.
pub(super) struct Dialect {
    kind: &'static str,
    what: &'static str,
    structures: &'static [&'static str],
    form: Form,
}

/// Which form of a text a dialect's structures are written over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Folded.
    Folded,
    /// Folded, comments of SQL taken out, quotes told apart.
    Quoted,
    /// Folded, without the signs that shells drop inside words.
    Squeezed,
}

const ALL: [&Dialect; 13] = [
    &markup::TAGS,
    &script::CALLS,
    &sql::STATEMENTS,
    &sql::SQUEEZED,
    &command::COMMANDS,
    &command::SQUEEZED,
    &path::TRAVERSALS,
    &template::EXPRESSIONS,
    &code::PROGRAMS,
    &directory::FILTERS,
    &markup::DOCUMENTS,
    &header::LINES,
    &markup::SQUEEZED,
];

static AUTOMATA: LazyLock<Vec<(&'static Dialect, Option<RegexSet>)>> =
    LazyLock::new(|| ALL.iter().map(|dialect| (*dialect, automaton(dialect.structures).ok())).collect());

static WORDS: LazyLock<Option<RegexSet>> = LazyLock::new(|| automaton(WORDED).ok());
static EXECUTABLE: LazyLock<Option<RegexSet>> = LazyLock::new(|| automaton(template::EXECUTABLE).ok());
static SERVED: LazyLock<Option<RegexSet>> = LazyLock::new(|| automaton(template::SERVED).ok());

/// What a text without any sign of a language must hold to be read at all.
const WORDED: &[&str] = &[
    r"(?i)\bunion\b", r"(?i)\bselect\b", r"(?i)\bjava", r"(?i)\bruntime\.", r"(?i)\bprocessbuilder\b", r"(?i)\.(?:git|env|ssh|ini|dat|htpasswd|htaccess)\b",
    r"(?i)__", r"(?i)\.\.", r"(?i)--", r"(?i)@@", r"(?i)\b(?:dbms|utl|xp|sp|ctxsys)_", r"(?i)\b(?:or|and|having|by|exec|waitfor|from)\s+\S*\d",
    r"(?i)ro0ab", r"(?i)\b(?:rm|nc|chmod|ping|curl|wget|powershell)\s+-", r"(?i)\bdrop\s", r"(?i)\b(?:openrowset|opendatasource|xmltype|load_file)\b", r"(?i)^-?\d", r"(?i)__schema", r"(?i)\bif\s+(?:not\s+)?(?:exist|defined)\b",
];

fn automaton(structures: &[&str]) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(structures)
        .unicode(false)
        .size_limit(DIALECT_BYTES_MAX)
        .dfa_size_limit(DIALECT_CACHE_BYTES_MAX)
        .build()
}

/// Whether `text`, which has no sign of a language, has words that could be one.
pub(super) fn has_word(text: &str) -> bool {
    WORDS.as_ref().is_none_or(|words| words.is_match(text.as_bytes()))
}

/// The first dialect in which one of the forms of `text` says something.
pub(super) fn judge(text: &str) -> Option<Fault> {
    views::forms(text).iter().find_map(|form| {
        let speaks = |(dialect, automaton): &(&'static Dialect, Option<RegexSet>)| {
            let fits = automaton.as_ref().is_none_or(|automaton| dialect.is_in(automaton, form));
            fits.then(|| fault(dialect.kind, dialect.what))
        };
        AUTOMATA.iter().find_map(speaks)
    })
}

impl Dialect {
    fn is_in(&self, automaton: &RegexSet, form: &str) -> bool {
        match self.form {
            Form::Folded => automaton.is_match(form.as_bytes()),
            Form::Squeezed => views::squeezed(form).is_some_and(|form| automaton.is_match(form.as_bytes())),
            Form::Quoted => {
                let says = |form: &str| automaton.is_match(views::quoted(form).as_bytes());
                says(form)
                    || views::uncommented(form, false).is_some_and(|form| says(&form))
                    || views::uncommented(form, true).is_some_and(|form| says(&form))
            }
        }
    }
}

/// What an Okta expression or a pattern may not say: what would run outside the expression language.
pub(super) fn executable(text: &str) -> Option<Fault> {
    said(&EXECUTABLE, text).then(|| fault("expression", "has an expression that would run a program"))
}

/// What a page or a mail may not say: what would run on a server.
pub(super) fn served(text: &str) -> Option<Fault> {
    said(&SERVED, text).then(|| fault("template", "has an instruction that a server would run"))
}

fn said(automaton: &LazyLock<Option<RegexSet>>, text: &str) -> bool {
    let says = |form: &String| automaton.as_ref().is_none_or(|automaton| automaton.is_match(form.as_bytes()));
    views::forms(text).iter().any(says)
}
