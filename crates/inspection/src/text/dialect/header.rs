//! Lines of HTTP, SMTP and IMAP that a line break would begin. A note of several lines is text.

use super::{Dialect, Form};

pub(super) const LINES: Dialect = Dialect {
    kind: "header",
    what: "has a line that a server would take for a header or command",
    form: Form::Folded,
    signs: "\r\n:",
    structures: &[
        r"[\r\n]\s*(?:set-cookie|location|content-(?:type|length|disposition|encoding|transfer-encoding)|transfer-encoding|x-[\w\-]+|bcc|cc|reply-to|mime-version|refresh|cookie|referer|user-agent|host|return-path|message-id|received|authorization|access-control-[\w\-]+|link|status)\s*:",
        r"[\r\n]\s*(?:to|from|subject|sender)\s*:\s*\S+@\S+",
        r"[\r\n]\s*subject\s*:",
        r"[\r\n]\s*(?:http/\d|get\s+/|post\s+/|put\s+/|delete\s+/|head\s+/)",
        r"[\r\n]\s*(?:rcpt\s+to\s*:|mail\s+from\s*:|ehlo\s|helo\s|vrfy\s|expn\s|auth\s+(?:login|plain))",
        r"[\r\n]\s*(?:quit|data|rset|noop|starttls)\s*(?:[\r\n]|$)",
        r"[\r\n]?\s*\b[av]\d{2,4}\s+(?:capability|fetch|select|login|logout|noop|examine|list|status|search|copy|create|append|authenticate)\b",
        r"\bset-cookie\s*:\s*\w+\s*=|\brcpt\s+to:\s*<?\S+@|\bmail\s+from:\s*<?\S+@",
        r"[\r\n]\s*[\r\n]\s*<|^[\r\n]+\s*\S+\s*:\s*\S",
        r"[\r\n]\.[\r\n]",
        r"^\s*[\r\n]+.{1,80}[\r\n]+\s*$",
    ],
};
