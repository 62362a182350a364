//! Syslog messages as RFC 5424 writes them: facility 13 (log audit), the members of the entry as structured data, its kind as the
//! message. How messages are told apart on a stream is for the target to say.

use super::Joined;
use std::fmt::Write as _;

/// One entry as a message.
pub(super) fn write(joined: &Joined) -> String {
    let (entry, about) = (&joined.entry, joined.about());
    let severity = if entry.kind.starts_with("break_glass") {
        WARNING
    } else if entry.kind == "refused" || entry.kind == "turned_away" {
        NOTICE
    } else {
        INFORMATIONAL
    };
    let mut message = format!(
        "<{}>1 {:.6} {} portcullis {} {} [entry@{ENTERPRISE}",
        FACILITY * 8 + severity,
        entry.at,
        name(&joined.org),
        std::process::id(),
        name(&entry.kind),
    );
    let numbers = [
        ("number", Some(entry.number)),
        ("call", entry.call),
        ("status", entry.status.map(u64::from)),
        ("bytes", entry.bytes),
        ("duration_us", entry.duration_us),
    ];
    member(&mut message, "chain", &joined.chain());
    for (name, number) in numbers {
        if let Some(number) = number {
            member(&mut message, name, &number.to_string());
        }
    }
    let source = about.source.map(|source| source.to_string());
    let texts = [
        ("client", &about.client),
        ("credential", &about.credential),
        ("operation", &about.operation),
        ("source", &source),
        ("user_agent", &about.user_agent),
        ("okta_request_id", &entry.okta_request_id),
        ("reason", &entry.reason),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            member(&mut message, name, text);
        }
    }
    member(&mut message, "hash", &joined.hash);
    message.push(']');
    for (id, members) in [("resources", &about.resources), ("details", &entry.details)] {
        if !members.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(message, "[{id}@{ENTERPRISE}");
            for (key, value) in members {
                member(&mut message, &name(key), value);
            }
            message.push(']');
        }
    }
    let _ = write!(message, " {}", entry.kind);
    message
}

/// A parameter of structured data (section 6.3.3): `"`, `\` and `]` are escaped. Line ends are, too, for collectors that read lines.
fn member(message: &mut String, name: &str, value: &str) {
    let _ = write!(message, " {name}=\"");
    for character in value.chars() {
        match character {
            '"' | '\\' | ']' => message.extend(['\\', character]),
            '\n' => message.push_str("\\\\n"),
            '\r' => message.push_str("\\\\r"),
            character if character.is_control() => message.push('\u{fffd}'),
            character => message.push(character),
        }
    }
    message.push('"');
}

/// A name of at most 32 printable ASCII characters (section 6.3.2).
fn name(text: &str) -> String {
    let fits = |c: &char| c.is_ascii_graphic() && !matches!(c, '=' | ']' | '"');
    let name: String = text.chars().filter(fits).take(32).collect();
    if name.is_empty() {
        "-".to_owned()
    } else {
        name
    }
}

/// Log audit.
const FACILITY: u32 = 13;
const WARNING: u32 = 4;
const NOTICE: u32 = 5;
const INFORMATIONAL: u32 = 6;
/// The number that RFC 5612 sets aside for documents: Portcullis has no enterprise number of its own.
const ENTERPRISE: u32 = 32_473;
