//! Shells, of Unix and Windows: a separator before a command with arguments, substitutions, pipes into an interpreter. "echo in the
//! mirror" and "a heroine; more than that" are text.

use super::{Dialect, Form};

pub(super) const COMMANDS: Dialect = Dialect {
    kind: "command",
    what: "has a command that a shell would run",
    form: Form::Folded,
    signs: ";|&`$(/%\n\r<>=*?",
    structures: &[
        // a separator, then a command no sentence starts with
        r"(?:^\s*[;&|]+|[;|`]|\|\||&&|\$\(|[<>]\()\s*[\x22'\\]*(?:\S{0,40}/)?(?:wget|curl|netcat|ncat|nc|bash|zsh|ksh|csh|dash|whoami|uname|ifconfig|ipconfig|nslookup|chmod|chown|getent|powershell|pwsh|certutil|bitsadmin|cscript|wscript|rundll32|regsvr32|mshta|lwp-\w+|python\d?|perl|php|ruby|gcc|systeminfo|tasklist|netstat|traceroute|tracert|tftp|socat|telnet|printenv|crontab|cmd(?:\.exe)?|phpinfo|uptime|hostname|dpkg|apt-get|yum|busybox|lynx|openssl|xargs|sudo|useradd|wmic|fsutil|arp)\b\s*(?:$|[\s;&|`)<>$\x22'#(])",
        // a separator, then a command that is a word, with arguments that are none
        r"(?:^|[;|`]|\|\||&&|&|\$\(|[\r\n]|[<>]\()\s*(?:\S{0,40}/)?(?:cat|ls|id|ping|echo|sleep|more|less|head|tail|find|dir|type|cd|cp|mv|rm|touch|kill|ps|set|exec|sh|env|export|sort|cut|tr|sed|awk|grep|host|dig|date|pwd|mail|ftp|tar|test|time|at|copy|del|start|net|reg|eval|printf|read|source|mkdir|rmdir|ln|nl|tac|rev|strings|mount|su|passwd|last|who|w|history|alias|unset|kill|killall|nohup|base64|md5|ver|path|erase|ren|attrib|assoc|timeout)\s+(?:-{1,2}[a-z0-9]|/\S*|\$\S|[\x22'`\\]\S+[\x22'`]?\s*(?:$|[;&|>])|\.{1,2}/|~/|\d+\s*(?:[;&|#`)]|$)|\S+\s*(?:[|<>`]|&&)|%\w+%|c:\\|\*|user\b|-)",
        r"&\s*(?:wget|curl|whoami|ifconfig|ipconfig|nslookup|systeminfo|tasklist|netstat|getent)\b",
        r"[\r\n]\s*(?:wget|curl|whoami|ifconfig|ipconfig|nslookup|uname|id|cat\s+/|ls\s+[/\-]|ping\s+-)\s*",
        r"[;|`]\s*(?:id|ls|ps|pwd|dir|env|set|w|who|ver|date|df|free|mount|last|sh|cat|reboot|shutdown)\s*(?:$|[;&|#`<>\n)])",
        r"(?:&&|\|\|?)\s*(?:id|ls|ps|pwd|dir|env|set|w|who|ver|df|sh|cat|reboot)\s*(?:$|[;&|#`<>\n)])",
        r"(?:^|=)(?:cat|ls|type|more|less|head|tail|nl|tac)\s+(?:/|\.\./|~/|\$|c:\\)",
        // substitutions
        r"\$\(\s*(?:\S*/)?(?:cat|ls|id|ping|echo|sleep|printf|wget|curl|nc|bash|sh|whoami|uname|head|tail|find|expr|nslookup|dig|host|env|pwd|python\d?|perl|ruby|php|rm|touch|base64|eval|exec|sed|awk|cut|tr|rev|sort|date|hostname|getent|ifconfig|df|ps)\b",
        r"`\s*(?:(?:id|whoami|uname|hostname|pwd)\b[^`]*|(?:ls|cat|ping|sleep|echo|wget|curl|nc|bash|sh|nslookup|dig|touch|rm|python\d?|perl|env|printf|expr|head|tail|find)\s[^`]*)`",
        r"\$\(\(\s*\d|\$\{?ifs\b|\$ifs\$|\$\{path|\$\{home|\$\(<|<\(\s*\w+|\{(?:cat|ls|wget|curl|nc|ping|echo|sleep|id)\s*,",
        r"\(\s*\)\s*\{\s*[:_a-z\x22']?\s*[;:_}]",
        r"[;+]\$\w\+?\s*\w+|\$u\b.{0,20}\$u\b|;\s*\$\w+\s+cat\b",
        // interpreters and their switches
        r"(?:^|[;|&`\x22'=(>])\s*/bin/(?:ba|z|k|c|da)?sh\b|/bin/(?:ba|z|k|c|da)?sh\s+-|\bbash\s+-[ci]\b|\bsh\s+-[ci]\b|/dev/tcp/|\b0?>&\d|\d>&\d|[<>]\s*/dev/(?:null|tcp)|>\s*/tmp/|>\s*/(?:var|etc)/",
        r"\bcmd(?:\.exe)?\s*/[ckr]\b|\bcmd\s*\|\s*'|\bpowershell(?:\.exe)?\s+(?:-\w|iex|\(|invoke)|\b(?:iex|invoke-(?:expression|webrequest|command|item))\b\s*[\s(]|\bset\s+/[ap]\b|%comspec%|%systemroot%|%windir%|\bnet\s+(?:user|localgroup)\s+\S+\s+(?:\S+\s+)?/add|\breg(?:\.exe)?\s+(?:add|query|delete|save)\s+(?:hk|\x22hk)",
        r"\bnc(?:at)?\s+(?:-\w+\s|\S+\s+\d{2,5}\s+-)|\bwget\s+(?:-\w|https?:|ftp:|\S+\.\S+/)|\bcurl\s+(?:-\w|https?:|\S+\.\S+/|--\w)|\brm\s+-[rf]{1,3}\b|\bchmod\s+(?:\d{3,4}|[ugoa]*\+[rwxs]+)\s|\bping\s+-[cn]\s*\d|\blwp-download\b|\bfetch\s+https?:|\bpython\d?\s+-c\b|\bperl\s+-[ei]\b|\bphp\s+-[rf]\b|\bruby\s+-e\b|\bmkfifo\b|\bgetent\s+(?:hosts|passwd)|\bnslookup\s+\S+\.\S+",
        r"\|\s*(?:bash|sh|zsh|python\d?|perl|php|ruby|rev|tee|xargs|base64)\b",
        // batch files
        r"\bfor\s+(?:/[dlrf]\s+.{0,80}?)?%{1,2}\S{1,10}\s+in\s*\(",
        r"\bif\s+(?:not\s+)?(?:/i\s+)?(?:exist|defined|errorlevel|cmdextversion)\s+\S+\s*(?:\(|set\b|echo\b|goto\b|del\b|call\b|cmd\b|copy\b|abc\b|@|\w+$)",
        r"\bif\s+(?:not\s+)?(?:/i\s+)?[\x22']?%+\S+%*[\x22']?\s*(?:==|gtr\b|lss\b|equ\b|neq\b|geq\b|leq\b)|\bif\s+(?:/i\s+)?\S+\s*==\s*\S+\s",
        r"\bif\s+(?:/i\s+)?(?:not\s+)?\(?\s*[\x22']?\S+\s*\)?\s*(?:gtr|lss|equ|neq|geq|leq)\s|\bif\s+/i\s+not\b|\bif\s+errorlevel\s+\d",
        r"[\x22']?%\w+%[\x22']?\s*(?:==|gtr|lss|equ|neq|geq|leq)",
        // wildcards that spell a path
        r"(?:^|[\s;|&=])/[a-z]{0,2}[?]+[a-z?]*/[a-z]*[?*][a-z?*]*",
        r"(?:^|[\s;|&=])/[a-z]\*[a-z]/\*?\w+",
        r"(?:^|[\s;|&=])/\?+[a-z]*/\S*[?*]",
        r"/etc/\w*[?*]+\w*|/et\?/|/e\?c/",
        r"--exec=|--remote=|-o\s*proxycommand|--upload-pack|--use-askpass|--checkpoint-action",
        // spreadsheet formulas that run
        r"^\s*[=+@\-]\s*(?:[a-z]+\s*\(|cmd\s*\||[a-z]+\|)|\|\s*'[^']{0,40}'\s*!\s*[a-z]\d|\bdde\s*\(\s*[\x22']|=\s*(?:hyperlink|importxml|importdata|webservice|importfeed|importhtml|importrange)\s*\(",
        r"(?:%[nsxdp]){3,}|%\d+\$[nsxd]",
    ],
};

pub(super) const SQUEEZED: Dialect = Dialect {
    kind: "command",
    what: "has a command that a shell would run",
    form: Form::Squeezed,
    signs: "'\"\\^$`<",
    structures: &[
        r"(?:^|[\s;|&=(])(?:cat|ls|head|tail|more|less|nl|tac|type|cp|mv|rm)\s+/\w",
        r"/etc/(?:passwd|shadow|group)\b",
        r"[;|&]\s*(?:wget|curl|whoami|cat|ping|nc|bash)\s+\S",
        r"[;|&]\s*(?:whoami|id|ls|uname)\s*$",
        r"/bin/(?:ba)?sh\b|/bin/cat\b",
        r"\becho\s+cat\s+/|\|\s*sed\b|\|\s*bash\b",
    ],
};
