//! Server-side programs: PHP, Java, Python, Ruby, ASP and what unpickles into them. "uses Java for billing" is text.

use super::{Dialect, Form};

pub(super) const PROGRAMS: Dialect = Dialect {
    kind: "code",
    what: "has program text that a server would run",
    form: Form::Folded,
    signs: "($<:{[=!\"'\\/",
    structures: &[
        // PHP
        r"<\?(?:php|=|\s|$)|\$_(?:get|post|request|server|cookie|files|session|env)\b|\$globals\b|\bhttp_(?:raw_post_data|post_vars|get_vars)\b",
        r"\b(?:system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|assert|eval|include|require|include_once|require_once|open|print|echo|die|exit|fopen|readfile|unlink)\s*\(\s*(?:[\x22'\\`]|\$\w)",
        r"\b(?:shell_exec|passthru|proc_open|pcntl_exec|base64_decode|gzinflate|gzuncompress|str_rot13|file_get_contents|file_put_contents|file_exists|fopen|fsockopen|readfile|phpinfo|phpversion|php_uname|var_dump|print_r|preg_replace|create_function|call_user_func\w*|unserialize|curl_init|curl_exec|posix_\w+|getenv|ini_set|move_uploaded_file|highlight_file|show_source|array_map|array_filter|usort|parse_str|extract|escapeshell\w*|disk_\w+_space|get_current_user|getmypid|getcwd|scandir|opendir|allow_url_include|auto_prepend_file|md5|chr)\s*\(\s*(?:\)|[\x22'$\\`]|\w+\s*\(|\w+\s*\)|\d)",
        r"@?\$+\{?[a-z_]\w*\}?\s*(?:\[[^\]]*\]|\{[^}]*\}|/\*.{0,20}\*/|\s)*\(\s*[\w'\x22$)]",
        r"\$\{\s*['@$\x22]|\$+[a-z_]\w*\s*(?:\[[^\]]*\])*\s*=\s*(?:[@$'\x22\[]|new\b|\w+\s*\()",
        r"[)\]}]\s*\(\s*[\x22']\w+[\x22']\s*\)|[(\[{]\s*[\x22']?(?:system|exec|shell_exec|passthru|eval|assert|phpinfo)[\x22']?\s*[)\]}]\s*(?:[\[({]\s*\d\s*[\])}]\s*[)}]?\s*)*\(",
        r"[(\[]\s*system[)\]\s]*[\[({]\s*0",
        r"\bo:\d+:\x22|\ba:\d+:\{|\bc:\d+:\x22",
        r"\b\w{2,}\s*\(\s*\$[a-z_]\w*|\$\s+\{\s*[@'$]|\w\(\)\[\d|\bsession\.\w+\s*=|\b(?:allow_url_include|auto_prepend_file|disable_functions|safe_mode|open_basedir|suhosin\.\w+)\s*=",
        r"\bdefine\s*\(\s*[\x22']\w+[\x22']\s*,",
        // Java
        r"\bjavax?\.(?:lang|io|util|net|nio|beans|naming|script|rmi|security|sql|management|swing)\.\w",
        r"\bjava[\w.$]{0,40}\.(?:runtime|processbuilder)\b",
        r"\b(?:runtime|processbuilder)\b\s*[.(]\s*\w*(?:getruntime|exec|evil|transformer|closure|factory|serialization|start|new)",
        r"\b(?:instantiate|clone|invoker|prototype|for|while)(?:transformer|factory|closure|serializationfactory|clonefactory)\b",
        r"\b(?:com\.sun\.|com\.opensymphony|org\.apache\.(?:commons\.(?:collections|beanutils|fileupload|io)|struts|xalan|logging|catalina)|org\.codehaus\.groovy|org\.springframework|org\.omg\.corba|groovy\.(?:lang|util)|bsh\.|ognl\.|sun\.(?:misc|reflect|rmi)|jdk\.internal|clojure\.lang)\S",
        r"\bro0ab[xq]|\baced0005|\bac\s?ed\s?00\s?05|\bkztaaq",
        r"\bclass\s*[.\[]\s*['\x22]?(?:module|classloader|protectiondomain)|\bclassloader\b\s*[.\[(]|\bjndi:(?:ldap|rmi|dns|iiop|nis)",
        r"\bnew\s+(?:java|processbuilder|file|scanner|url)\s*[.(\[]|\bscriptenginemanager\b|\bgetengine\w*\s*\(",
        // Python, Ruby, Perl, Node
        r"!!(?:python|js|ruby)/|!ruby/(?:object|hash|struct)|\bimport\s+(?:socket|os|subprocess|pty|sys|commands)\b\s*[;,.(]|\b__import__\b|\bos\.(?:system|popen|execv?e?|spawn\w*|environ|fork)\b\s*[(\[.]|\bsubprocess\.\w+\s*\(|\bpickle\.loads|\bcos\nsystem",
        r"\b(?:file|io|kernel|dir|open3|erb)\.(?:read|open|popen|exec|system|new|glob|entries)\s*[(\s][\x22'/]|%x[({\[/]|\bsystem\s+[\x22']\w+",
        r"\bsocket\.(?:gethostbyname|socket|connect)\s*\(|\burllib\w*\.\w+",
        // ASP
        r"\bserver\.(?:scripttimeout|createobject|mappath|execute)\b|\bresponse\.(?:write|end|redirect)\b\s*[(\x22]|\bwscript\.\w+|\bon\s+error\s+resume\s+next\b|\bscripting\.filesystemobject|\bcreateobject\s*\(|\bexecuteglobal\b|\breflection\.assembly|\bsystem\.(?:diagnostics\.process|io\.file|net\.webclient|reflection\.assembly)\b",
        // GraphQL that maps the API
        r"__schema\s*\{|__type\s*\(",
        // session fixation in a page
        r"\.cookie\s*=|\b(?:jsessionid|phpsessid|aspsessionid|asp\.net_sessionid)\s*=",
    ],
};
