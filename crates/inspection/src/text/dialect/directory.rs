//! Filters of directories and document stores: LDAP (RFC 4515) and MongoDB. `cn=Smith,ou=Sales` and `$100` are text.

use super::{Dialect, Form};

pub(super) const FILTERS: Dialect = Dialect {
    kind: "filter",
    what: "has a directory or document filter",
    form: Form::Folded,
    signs: "()*${=|&",
    structures: &[
        // LDAP
        r"\(\s*[&|!]\s*\(\s*[\w!&|(]|\(\s*[&|]\s*\)|\)\s*\(\s*[&|!]\s*\(",
        r"\)\s*\(\s*[\w;.\-]+\s*[~<>]?=",
        r"\*\s*\)\s*\(|\*\s*\(\s*[|&!]|^\s*\*?\)\s*\(|^\s*\*\s*[|)(]\s*$|^\s*\*\|\s*$",
        r"\b[\w\-]+:(?:[\d.]{5,}|dn|caseignore\w*)?:=",
        r"\(\s*[\w\-]+\s*[~<>]?=\s*[^()]{0,40}\*[^()]{0,40}\)",
        r"\bobjectclass\s*=\s*\*|\buserpassword\s*=",
        r"^\s*\)\s*\(|%28\s*[|&]|\)\s*%00|\x{0}\)",
        // MongoDB
        r"(?:^|[\x22'\[{,\s(.])\$(?:where|gte?|lte?|ne|nin|in|or|and|not|nor|regex|exists|type|mod|all|size|elemmatch|expr|func|function|eq|jsonschema|text|comment|lookup|group|match|project|accumulator|set|unset|push|pull|inc|rename)\b[\x22'\]]?\s*[:=\]]",
        r"\bdb\.[\w.]+\.?(?:insert\w*|find\w*|drop\w*|update\w*|remove|delete\w*|aggregate|count|save|mapreduce|getcollection\w*|version|stats|runcommand|adminCommand)\s*\(",
        r"\bthis\.[\w.]+\s*(?:==|!=|<|>|\.match|\.length|\[)",
        r"[\x22'`]\s*(?:\|\||&&)\s*[\x22'`]?\w*[\x22'`]?\s*[=!]=|(?:\|\||&&)\s*\(?\s*!?\w+\s*(?:[=!]==?|=!)|(?:\|\||&&)\s*\(\s*\w+\s*[=!]",
        r"[;\x22'}]\s*(?:return|while)\s*\(?\s*(?:true|1|!)|\btojsononeline\s*\(|\bobjectid\s*\(\s*[\x22']|\bsleep\s*\(\s*\d{3,}",
        r"\{\s*[\x22']?\$\w+[\x22']?\s*:",
    ],
};
