//! Template and expression languages: expressions that compute or call. `${user.firstName}` and `{param}` are text.

use super::{Dialect, Form};

pub(super) const EXPRESSIONS: Dialect = Dialect {
    kind: "template",
    what: "has a template expression that computes or calls",
    form: Form::Folded,
    signs: "{}%<#([=",
    structures: &[
        r"\{\{[^{}]{0,160}?(?:\d\s*[*+\-/%]\s*\d|[()\[\]]|[\x22'`]\s*[*+|~]|\|\s*\w+|__\w+__|\bconstructor\b)",
        r"\{\{\s*(?:config|self|request|session|settings|_self|cycler|joiner|namespace|lipsum|url_for|dump|g|php)\s*(?:[.}|\[]|$)",
        r"\{\{\s*=|\{\{\{?\s*[#/>^!]\s*(?:with|each|if|import|include)|\{\{\s*[\x22'`]",
        r"[$#*@%~]\{[^{}]{0,200}?(?:\d\s*[*+\-/%]\s*\d|[()\[\]\x22'@!`]|[:?]|\bclass\b|\bruntime\b|__)",
        r"\$\{[^{}]{0,40}\$\{|\$\{\{|\$\{\s*(?:self|config|request|session|class|env|application|param|header|cookie|pagecontext|runtime|sys|java|ctx|main|jndi)\b",
        r"#\{\s*\d|@\(\s*\d+\s*[*+\-/]\s*\d|@\{|\[\[\s*\$?\{|\*\{\s*\w+\(",
        r"<%\s*(?:[=@!#\-]|\w+[\s.(=])|%>|<%=|<\?=",
        r"<#\s*(?:assign|if|list|include|import|macro|setting|function)\b|\?new\s*\(\s*\)|\[#(?:assign|if|list)\b|freemarker\.template",
        r"#(?:set|include|parse|evaluate|foreach|macro|define)\s*\(\s*[\x22'$\w]",
        r"\{%-?\s*[\w.]+\s*-?%\}|\{\{\s*\w+\s+\w+\s*\}\}|\{!\s*\$\w+",
        r"\{%-?\s*(?:\w+[\s%(]|import|include|set|for|if|block|extends)|\{php\}|\{literal\}|\{system\(|\{if\s+\w+\(|\{self::|\{\$smarty",
        r"__(?:class|mro|subclasses|globals|builtins|import|init|base|bases|dict|getattribute|reduce)__",
        r"\.(?:getclass|forname|getruntime|getmethod|getdeclaredmethod|newinstance|loadclass|getconstructor)\s*\(",
        r"\bt\s*\(\s*(?:java|org|com)\.",
        r"\$\{\s*(?:jndi|lower|upper|::-|env|sys|java|date|ctx|main|base64|script|dns|url)\s*:",
        r"%\{[^}]{0,200}[#(@]|\(\s*#\w+\s*=|#_memberaccess|#context\[|@java\.|ognl\.",
        r"\{\{?\s*range\s|\{\{\s*(?:printf|call|template|define|html|js|\.\s*\|)\b",
        r"\$(?:eval|apply|watch|on\.constructor|emit)\s*\(|\bng-(?:app|csp|init|click|focus|bind)\b|\bv-(?:html|on|bind|if|show)\b\s*[=:\]]|\bx-(?:html|init|data|on)\b\s*[=:]",
        r"\d+\}\}|\{\{\d+|\$\{\d|\}\}.{0,4}\{\{",
    ],
};

/// What no Okta expression says: another language behind it.
pub(super) const EXECUTABLE: &[&str] = &[
    r"\bt\s*\(\s*(?:java|org|com)\.|\bnew\s+java|\bjava\.(?:lang|io|net|nio|util)\.\w",
    r"\.(?:getclass|forname|getruntime|getmethod|getdeclaredmethod|newinstance|loadclass)\s*\(|\bruntime\s*\.\s*(?:getruntime|exec)|processbuilder",
    r"\$\{\s*(?:jndi|lower|upper|::-|env|sys|java|ctx|base64|script|dns|url)\s*:",
    r"<\s*/?\s*(?:script|iframe|object|embed|applet|svg|meta|style)(?:[\s/>]|$)|<!\s*(?:doctype|entity)\b|<\?\s*(?:xml|php|=)|<!--\s*#",
    r"#_memberaccess|@java\.|__(?:class|mro|subclasses|globals|builtins|import)__|freemarker\.template",
    r";\s*(?:drop|delete\s+from|insert\s+into|exec|shutdown|truncate)\b|\bunion\s+(?:all\s+)?select\b|\bwaitfor\s+delay\b|\bxp_cmdshell\b",
    r"\$\(\s*(?:cat|id|curl|wget|nc|bash|sh|whoami)\b|`\s*(?:id|whoami|curl|wget|cat)\b",
];

/// What no page or mail says that a browser or Okta's template engine is meant to read.
pub(super) const SERVED: &[&str] = &[
    r"<!--\s*#\s*(?:exec|include|echo|config|set|printenv|fsize)\b|<esi:|<\?(?:php|=)|<%[=@!]|<!entity\b|<!doctype[^>]*\[",
    r"\$\{\s*(?:jndi|lower|upper|::-|env|sys|java|ctx|base64|script|dns|url)\s*:",
    r"\.(?:getclass|forname|getruntime|getdeclaredmethod|newinstance|loadclass)\s*\(|\.class\.(?:inspect|forname|classloader|protectiondomain)|\bruntime\s*\.\s*(?:getruntime|exec)|\bprocessbuilder\b",
    r"__(?:mro|subclasses|globals|builtins)__|freemarker\.template\.utility|\?new\s*\(\s*\)|#evaluate\s*\(|\bt\s*\(\s*java\.",
];
