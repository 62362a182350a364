//! Paths: climbing out of a folder, and files that only an intruder names. `/opt/app/config` and `\\server\share` are text.

use super::{Dialect, Form};

pub(super) const TRAVERSALS: Dialect = Dialect {
    kind: "path",
    what: "has a path that leaves its folder or names a system file",
    form: Form::Folded,
    signs: "/\\%:",
    structures: &[
        r"\.\.[/\\\x00-\x1f]{1,3}.{0,60}\.\.(?:[/\\]|$)",
        r"^[/\\]?\.\.[/\\]",
        r"[/\\=:\s\x22'(]\.\.[/\\]{1,2}(?:etc|windows|winnt|boot\.|win\.|proc|var|usr|root|home|bin|config|web-inf|conf|\.|[\w.\-]+\.(?:ini|log|conf|cfg|xml|htpasswd|htaccess|exe|bat|php|jsp|asp\w*|sh|pl|cgi|dat|txt|bak)\b)",
        r"\.\.\.+[/\\]|\.\.[/\\]{2,}|\.\.;/|/\.\./|\\\.\.\\|(?:/\.){3,}/|(?:\\\.){3,}|(?:\./){3,}|\./\\/|\.\\/\\?\.|\.[/\\]{2,}\.",
        r"\.\.[^\w\s.,)!?'\x22-]{1,4}\.\.|\.\.%(?:2[ef5]|5c|c[01]|e0|u|%)|%\.\.[/\\]|\.\.\x{0}",
        r"\.\.(?:0x2f|0x5c|%c|%u|\\x|u2215|u2216|x2f|x5c)",
        r"(?:0x2e|%2e|u002e|x2e){2}",
        r"/etc/(?:\./)*(?:passwd|shadow|gshadow|group|sudoers|issue|motd|master\.passwd|security/|ssh/|crontab|fstab|hosts\.)",
        r"[/\\]{1,2}(?:boot\.ini|win\.ini|system\.ini|ntuser\.dat|php\.ini|my\.ini|\.htaccess|\.htpasswd|id_rsa|id_dsa|authorized_keys|\.bash_history|\.mysql_history|httpd\.conf|web\.config|wp-config\.php|global\.asa|sam)\b",
        r"\b(?:boot|win)\.ini\b",
        r"[/\\]proc[/\\](?:(?:self|\d+)[/\\](?:environ|cmdline|maps|fd|status|exe|root|cwd)|version|cpuinfo)|/\.(?:git|svn|ssh|aws|env|docker)(?:/|$)|/web-inf/|/meta-inf/",
        r"\bc:[/\\]+(?:windows|winnt)[/\\]+(?:win\.ini|system32[/\\]+(?:cmd|config|drivers|inetsrv|logfiles|repair)|repair|system\.ini|php\.ini)|[/\\]winnt[/\\]|[/\\]system32[/\\]+(?:cmd\.exe|config|drivers[/\\]+etc)",
        r"\\\\[\w.:\-]*:[\w.:\-]*\\|\\[a-z]\$\\|\\\\[\w.]+\\(?:c|admin|ipc)\$",
        r"\bfile:/{3}|\bfile:/{1,2}(?:etc|c:|windows|proc|var|localhost/(?:etc|c))",
        r"\b(?:php|phar|expect|zlib|glob|ogg|zip|rar|compress\.\w+|netdoc|gopher|dict|jar|rmi|iiop|tftp)://?\S",
        r"/var/(?:log|www|lib|mail)/\S*(?:log|passwd|access|error)|/usr/local/(?:apache|etc)/\S*(?:conf|log)|/(?:apache2?|httpd|nginx)/(?:conf|logs?)/",
        r"https?://\S+\.(?:txt|php\d?|inc|log|gif|jpg|dat|sh|pl)\?+\s*(?:$|\w+=)|\bhttps?://\d+\.\d+\.\d+\.\d+/\S*\.(?:txt|php\d?|sh|exe|pl|inc)\b|=\s*(?:https?|ftp)://\S+\?$",
        r"://(?:169\.254\.169\.254|metadata\.google|100\.100\.100\.200|192\.0\.0\.192|\[?fd00:ec2)",
        r"^(?:https?|ftps?)://\S*(?:\?|&)$",
    ],
};
