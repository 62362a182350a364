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

use std::cell::OnceCell;
use std::sync::LazyLock;

use regex::bytes::{RegexSet, RegexSetBuilder};

use super::traits::Signs;
use super::{control, fault, views};
use crate::Fault;
use crate::limits::{DIALECT_BYTES_MAX, DIALECT_CACHE_BYTES_MAX};

/// One language: what it is called in findings, its structures, and the form of the text they are written over.
pub(super) struct Dialect {
    kind: &'static str,
    what: &'static str,
    structures: &'static [&'static str],
    form: Form,
    /// Signs of which one must occur, for a text without telling words to be read as this at all.
    signs: &'static str,
}

/// Which form of a text a dialect's structures are written over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Folded; comments of programs taken out, where there are any.
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

/// A dialect ready to read.
struct Reader {
    dialect: &'static Dialect,
    /// `None` if it could not be compiled: then everything is refused, and the tests fail.
    automaton: Option<RegexSet>,
    signs: Signs,
}

static READERS: LazyLock<Vec<Reader>> = LazyLock::new(|| {
    let reader = |dialect: &&'static Dialect| Reader {
        dialect,
        automaton: automaton(dialect.structures).ok(),
        signs: Signs::of(dialect.signs),
    };
    ALL.iter().map(reader).collect()
});

static WORDS: LazyLock<Option<RegexSet>> = LazyLock::new(|| automaton(WORDED).ok());
static EXECUTABLE: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| automaton(template::EXECUTABLE).ok());
static SERVED: LazyLock<Option<RegexSet>> = LazyLock::new(|| automaton(template::SERVED).ok());

/// What a text without any sign of a language must hold to be read at all.
const WORDED: &[&str] = &[
    r"(?i)\bunion\b",
    r"(?i)\bselect\b",
    r"(?i)\bjava",
    r"(?i)\bruntime\.",
    r"(?i)\bprocessbuilder\b",
    r"(?i)\.(?:git|env|ssh|ini|dat|htpasswd|htaccess)\b",
    r"(?i)__",
    r"(?i)\.\.",
    r"(?i)--",
    r"(?i)@@",
    r"(?i)\b(?:dbms|utl|xp|sp|ctxsys)_",
    r"(?i)\b(?:or|and|having|by|exec|waitfor|from)\s+\S*\d",
    r"(?i)ro0ab|classloader",
    r"(?i)\b(?:document|window|location|navigator|com|org|sun|groovy|ognl)\.\w",
    r"(?i)\b(?:rm|nc|chmod|ping|curl|wget|powershell)\s+-",
    r"(?i)\bdrop\s",
    r"(?i)\b(?:openrowset|opendatasource|xmltype|load_file)\b",
    r"(?i)^-?\d",
    r"(?i)__schema",
    r"(?i)\bif\s+(?:not\s+)?(?:exist|defined|errorlevel|cmdextversion)\b|\bexec(?:ute)?\s|\s(?:geq|leq|gtr|lss|neq|equ)\s",
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
    WORDS
        .as_ref()
        .is_none_or(|words| words.is_match(text.as_bytes()))
}

/// The first dialect in which one of the forms of `text` says something.
pub(super) fn judge(text: &str) -> Option<Fault> {
    let decoded = views::decodings(text);
    if let Some(fault) = decoded.iter().find_map(|text| control::judge_text(text)) {
        return Some(fault);
    }
    let forms = views::forms(text, &decoded);
    let spoken = forms.iter().find_map(|form| {
        let view = View::of(form);
        READERS.iter().find(|reader| reader.reads(&view))
    })?;
    Some(fault(spoken.dialect.kind, spoken.dialect.what))
}

/// A folded form, and what is made of it when a dialect asks.
struct View<'f> {
    folded: &'f str,
    signs: Signs,
    worded: bool,
    bare: OnceCell<Option<[String; 2]>>,
    quoted: OnceCell<String>,
    squeezed: OnceCell<Option<String>>,
}

impl<'f> View<'f> {
    fn of(folded: &'f str) -> Self {
        Self {
            folded,
            signs: Signs::of(folded),
            worded: has_word(folded),
            bare: OnceCell::new(),
            quoted: OnceCell::new(),
            squeezed: OnceCell::new(),
        }
    }

    /// Without comments: a space in their place, and nothing.
    fn bare(&self) -> &[String] {
        let made = self.bare.get_or_init(|| {
            let spaced = views::uncommented(self.folded, false)?;
            Some([spaced, views::uncommented(self.folded, true)?])
        });
        made.as_ref().map_or(&[], |both| both.as_slice())
    }

    fn quoted(&self) -> &str {
        self.quoted.get_or_init(|| views::quoted(self.folded))
    }

    fn squeezed(&self) -> Option<&str> {
        self.squeezed
            .get_or_init(|| views::squeezed(self.folded))
            .as_deref()
    }
}

impl Reader {
    fn reads(&self, view: &View<'_>) -> bool {
        if !view.worded && !self.signs.meet(view.signs) {
            return false;
        }
        let Some(automaton) = &self.automaton else {
            return true;
        };
        let says = |form: &str| automaton.is_match(form.as_bytes());
        match self.dialect.form {
            Form::Folded => says(view.folded) || view.bare().iter().any(|form| says(form)),
            Form::Squeezed => view.squeezed().is_some_and(says),
            Form::Quoted => {
                says(view.quoted()) || view.bare().iter().any(|form| says(&views::quoted(form)))
            }
        }
    }
}

/// What an Okta expression or a pattern may not say: what would run outside the expression language.
pub(super) fn executable(text: &str) -> Option<Fault> {
    said(&EXECUTABLE, text)
        .then(|| fault("expression", "has an expression that would run a program"))
}

/// What a page or a mail may not say: what would run on a server.
pub(super) fn served(text: &str) -> Option<Fault> {
    said(&SERVED, text).then(|| fault("template", "has an instruction that a server would run"))
}

fn said(automaton: &LazyLock<Option<RegexSet>>, text: &str) -> bool {
    let says = |form: &String| {
        automaton
            .as_ref()
            .is_none_or(|automaton| automaton.is_match(form.as_bytes()))
    };
    views::forms(text, &views::decodings(text)).iter().any(says)
}
