//! The forms a string may take for whoever reads it: as written, percent-decoded up to three times, with entities and escapes
//! resolved, letters folded. Judges nothing.
//!
//! Attack text hides in encodings, so every form is judged. A form is only built where the text holds what it would undo.

use crate::limits::DECODINGS_MAX;

/// Zero-width and filler characters that readers do not see and parsers often drop.
const UNSEEN: [char; 8] = [
    '\0', '\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{180e}',
];

/// `text` with its percent-escapes undone, once, twice and so on, as long as there are any.
pub(super) fn decodings(text: &str) -> Vec<String> {
    let first = percent_decoded(text);
    std::iter::successors(first, |before| percent_decoded(before))
        .take(DECODINGS_MAX)
        .collect()
}

/// The folded forms of `text` and its decodings, each once, the plain one first.
pub(super) fn forms(text: &str, decodings: &[String]) -> Vec<String> {
    let mut forms: Vec<String> = Vec::with_capacity(2);
    for current in std::iter::once(text).chain(decodings.iter().map(String::as_str)) {
        let folded = fold(current);
        for form in [spaced(&folded), Some(folded)].into_iter().flatten() {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

/// The form with `+` read as a space, as HTML forms write it; only where no real space says otherwise.
fn spaced(folded: &str) -> Option<String> {
    (folded.contains('+') && !folded.contains(' ')).then(|| folded.replace('+', " "))
}

/// Lower case, ASCII quotes and signs for their look-alikes, entities and escapes resolved, unseen characters dropped.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (read, used) = match first {
            '&' => entity(rest).unwrap_or(('&', 1)),
            '\\' => escape(rest).unwrap_or(('\\', 1)),
            other => (other, other.len_utf8()),
        };
        rest = rest.get(used..).unwrap_or_default();
        if !UNSEEN.contains(&read) {
            out.push(alike(read));
        }
    }
    out
}

/// The ASCII sign or letter that `read` looks like.
fn alike(read: char) -> char {
    match read {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{ff07}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201f}' | '\u{ff02}' => '"',
        '\u{2215}' | '\u{2044}' | '\u{29f8}' => '/',
        '\u{2216}' | '\u{29f5}' | '\u{29f9}' => '\\',
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        '\u{a0}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{3000}'
        | '\u{85}'
        | '\u{2028}'
        | '\u{2029}' => ' ',
        '\u{2039}' | '\u{27e8}' | '\u{3008}' => '<',
        '\u{203a}' | '\u{27e9}' | '\u{3009}' => '>',
        '\u{ff01}'..='\u{ff5e}' => u32::from(read)
            .checked_sub(0xfee0)
            .and_then(char::from_u32)
            .map_or(read, |plain| plain.to_ascii_lowercase()),
        other => other.to_ascii_lowercase(),
    }
}

/// An HTML character reference at the start of `rest`: what it stands for and its length.
fn entity(rest: &str) -> Option<(char, usize)> {
    let body = rest.strip_prefix('&')?;
    if let Some(number) = body.strip_prefix('#') {
        let (digits, radix, lead) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let count = digits
            .bytes()
            .take_while(|byte| char::from(*byte).is_digit(radix))
            .count();
        let value = u32::from_str_radix(digits.get(..count)?, radix).ok()?;
        let closed = usize::from(digits.as_bytes().get(count) == Some(&b';'));
        return Some((char::from_u32(value)?, lead + count + closed));
    }
    let count = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = body.get(..count)?;
    let read = NAMED
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))?
        .1;
    let closed = usize::from(body.as_bytes().get(count) == Some(&b';'));
    Some((read, 1 + count + closed))
}

/// The references that attacks write signs with.
const NAMED: [(&str, char); 26] = [
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("amp", '&'),
    ("colon", ':'),
    ("lpar", '('),
    ("rpar", ')'),
    ("equals", '='),
    ("tab", '\t'),
    ("newline", '\n'),
    ("nbsp", ' '),
    ("grave", '`'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("period", '.'),
    ("comma", ','),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("lbrack", '['),
    ("rbrack", ']'),
    ("lbrace", '{'),
    ("rbrace", '}'),
    ("semi", ';'),
    ("percnt", '%'),
];

/// A `\u0041`, `\u{41}` or `\x41` escape at the start of `rest`: what it stands for and its length.
fn escape(rest: &str) -> Option<(char, usize)> {
    let body = rest.strip_prefix('\\')?;
    let (digits, used) = if let Some(braced) = body.strip_prefix("u{") {
        let end = braced.find('}').filter(|end| (1..=6).contains(end))?;
        (braced.get(..end)?, end + 4)
    } else if let Some(four) = body.strip_prefix('u') {
        (four.get(..4)?, 6)
    } else {
        (body.strip_prefix('x')?.get(..2)?, 4)
    };
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some((char::from_u32(value)?, used))
}

/// `text` with percent-escapes undone once, leniently: `%u0041` too, over-long UTF-8 read as what it hides. `None` when nothing
/// is escaped.
fn percent_decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut changed) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        let unit = (byte == b'%').then(|| unit_at(text, at)).flatten();
        match unit {
            Some((Unit::Byte(value), used)) => {
                out.push(value);
                at += used;
            }
            Some((Unit::Char(value), used)) => {
                out.extend_from_slice(value.encode_utf8(&mut [0; 4]).as_bytes());
                at += used;
            }
            None => {
                out.push(byte);
                at += 1;
                continue;
            }
        }
        changed = true;
    }
    changed.then(|| readable(&out))
}

enum Unit {
    Byte(u8),
    Char(char),
}

fn unit_at(text: &str, at: usize) -> Option<(Unit, usize)> {
    let hex = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
    };
    if let Some(value) = hex(at + 1, at + 3) {
        return Some((Unit::Byte(u8::try_from(value).ok()?), 3));
    }
    let marked = matches!(text.as_bytes().get(at + 1), Some(b'u' | b'U'));
    let value = marked.then(|| hex(at + 2, at + 6)).flatten()?;
    Some((Unit::Char(char::from_u32(value)?), 6))
}

/// Where bytes that are no UTF-8 wait to be read as an over-long form: private-use characters, one per byte.
const BROKEN: u32 = 0xf700;

/// Bytes as text: UTF-8 where they are, over-long forms of two and three bytes as the sign they hide.
fn readable(bytes: &[u8]) -> String {
    let mut chars: Vec<char> = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chars.extend(chunk.valid().chars());
        let broken = chunk.invalid().iter();
        chars.extend(broken.filter_map(|byte| char::from_u32(BROKEN + u32::from(*byte))));
    }
    let mut out = String::with_capacity(chars.len());
    let mut at = 0;
    while let Some(&lead) = chars.get(at) {
        let (hidden, used) = over_long(chars.get(at..).unwrap_or_default());
        out.push(hidden.unwrap_or(
            if u32::from(lead) >= BROKEN && u32::from(lead) <= BROKEN + 0xff {
                '\u{fffd}'
            } else {
                lead
            },
        ));
        at += used;
    }
    out
}

/// The printable ASCII sign that over-long UTF-8 at the start of `chars` hides, and how many characters it takes.
fn over_long(chars: &[char]) -> (Option<char>, usize) {
    let byte = |at: usize| chars.get(at).map(|c| u32::from(*c));
    let tail = |at: usize| {
        byte(at)
            .map(|value| {
                if value >= BROKEN {
                    value - BROKEN
                } else {
                    value
                }
            })
            .map(|value| value & 0x3f)
    };
    let (value, used) = match byte(0).and_then(|lead| lead.checked_sub(BROKEN)) {
        Some(lead @ (0xc0 | 0xc1)) => (tail(1).map(|low| (lead & 1) << 6 | low), 2),
        Some(0xe0) => (
            tail(1)
                .zip(tail(2))
                .map(|(middle, low)| (middle & 1) << 6 | low),
            3,
        ),
        _ => (None, 1),
    };
    let hidden = value
        .filter(|value| (0x20..0x7f).contains(value))
        .and_then(char::from_u32);
    (hidden, if hidden.is_some() { used } else { 1 })
}

/// The form with comments of SQL taken out: read as a space, and as nothing between letters.
pub(super) fn uncommented(form: &str, joined: bool) -> Option<String> {
    if !form.contains("/*") && !form.contains("*/") {
        return None;
    }
    let mut out = String::with_capacity(form.len());
    let mut rest = form;
    while let Some(start) = rest.find("/*") {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        let after = after.get(2..).unwrap_or_default();
        if let Some(versioned) = after.strip_prefix('!') {
            // What stands in `/*!50000 … */` is run by MySQL: it stays.
            out.push_str(if joined { "" } else { " " });
            rest = versioned.trim_start_matches(|digit: char| digit.is_ascii_digit());
            continue;
        }
        out.push_str(if joined { "" } else { " " });
        rest = after
            .find("*/")
            .and_then(|end| after.get(end + 2..))
            .unwrap_or_default();
    }
    out.push_str(rest);
    Some(out.replace("*/", if joined { "" } else { " " }))
}

/// The form without the signs that shells and filters drop inside words: quotes, backslashes, carets, empty variables.
pub(super) fn squeezed(form: &str) -> Option<String> {
    if !form.contains(['\'', '"', '\\', '^', '$', '`', '<']) {
        return None;
    }
    let mut out = String::with_capacity(form.len());
    let mut chars = form.chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            '\'' | '"' | '\\' | '^' | '`' | '\t' => {}
            '$' => {
                let name = chars.next_if(|c| c.is_ascii_alphanumeric() || "@*?!_".contains(*c));
                if name.is_none() {
                    out.push('$');
                }
            }
            '<' if chars.next_if_eq(&'>').is_some() => {}
            other => out.push(other),
        }
    }
    Some(out)
}

/// The form with quotes told apart by what they do: `\u{1}` opens, `\u{2}` closes, `'` stands inside a word.
pub(super) fn quoted(form: &str) -> String {
    let chars: Vec<char> = form.chars().collect();
    let letter = |at: Option<&char>| at.is_some_and(|c| c.is_alphabetic());
    let mut open: Option<char> = None;
    let mut out = String::with_capacity(form.len());
    for (at, &read) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let inside = letter(before) && letter(chars.get(at + 1));
        match read {
            '\'' if inside => out.push('\''),
            '\'' | '"' | '`' => match open {
                Some(_) if open == Some(read) => {
                    open = None;
                    out.push('\u{2}');
                }
                Some(_) => out.push('\u{2}'),
                None => {
                    open = Some(read);
                    out.push('\u{1}');
                }
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(text: &str) -> Vec<String> {
        super::forms(text, &decodings(text))
    }

    #[test]
    fn every_encoding_of_a_tag_is_one_form() {
        for text in [
            "%3Cscript%3E",
            "%253Cscript%253E",
            "&lt;script&gt;",
            "\\u003cscript\\x3e",
            "%u003cscript%u003e",
            "＜ＳＣＲＩＰＴ＞",
        ] {
            assert!(
                forms(text).iter().any(|form| form == "<script>"),
                "{text}: {:?}",
                forms(text)
            );
        }
    }

    #[test]
    fn over_long_dots_and_slashes_are_read() {
        assert!(
            forms("%C0%AE%C0%AE%C0%AFetc")
                .iter()
                .any(|form| form == "../etc")
        );
        assert!(forms("%c1%9c").iter().any(|form| form == "\\"));
    }

    #[test]
    fn a_text_without_escapes_has_one_form() {
        assert_eq!(forms("50% off & more"), ["50% off & more"]);
        assert_eq!(forms("Müller").len(), 1);
    }

    #[test]
    fn comments_are_a_space_or_nothing() {
        assert_eq!(
            uncommented("un/**/ion/*!50000select*/1", false).unwrap(),
            "un ion select 1"
        );
        assert_eq!(uncommented("un/**/ion", true).unwrap(), "union");
        assert_eq!(uncommented("plain", true), None);
    }

    #[test]
    fn quotes_are_told_apart() {
        assert_eq!(quoted("d'or 'a' b'"), "d'or \u{1}a\u{2} b\u{1}");
    }
}
