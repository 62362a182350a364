//! HTML, SVG and XML: tags that do something, attributes that run something, documents that fetch something. `h2<h1`, `<enter type
//! here>` and a bare `<b>` are text.

use super::{Dialect, Form};

pub(super) const TAGS: Dialect = Dialect {
    kind: "markup",
    what: "has HTML that a browser would act on",
    form: Form::Folded,
    signs: "<=:>@",
    structures: &[
        // elements that act without an attribute
        r"<\s*/?\s*(?:[a-z][\w\-]*:)?(?:script|iframe|frameset|applet|embed|svg|math|meta|isindex|bgsound|layer|ilayer|marquee|foreignobject|noscript|object|style|xss|animate\w*|textarea|noembed|noframes|plaintext|xmp)(?:[\s/>\x22'`<:]|$)",
        r"</(?:title|form|button|select|option|head|body|html|svg|a|div|span|p|x)\s*>.{0,4}<",
        // any element with an attribute that runs or fetches
        r"<[a-z!?/][^>]{0,300}?[\s/\x22'`]on[a-z]{3,28}\s*=",
        r"<[a-z][^<>]{0,300}?[\s/\x22'`](?:src|href|xlink:href|action|formaction|data|background|poster|srcdoc|code|codebase|lowsrc|dynsrc|ping|srcset|style|archive|classid|datasrc|http-equiv|implementation|namespace|attributename|folder|contenteditable|autofocus|tabindex|is|slot|v-\w+|ng-\w+|x-\w+|:\w+|@\w+)\s*=",
        r"<(?:img|image|input|video|audio|source|track|body|html|head|button|select|details|area|map|table|td|th|tr|div|span|p|a|b|i|u|br|hr|h[1-6]|ul|li|keygen|datalist|output|menu|picture|canvas|font|center|label|fieldset|summary|param|form|link|base|frame|set|handler|template|portal|dialog|title|var|q|x|j|k|ol|dl|dt|em|strong|pre|code|xml|event-source|custom|blink|col|colgroup|caption|tbody|optgroup|option|legend|meter|progress|slot|acronym|bdo|big|dir|nav|main|section|article|aside|header|footer|figure|style|script)[\s/]+[\w:\-]+\s*=",
        r"<(?:img|image|video|audio|body|input|details|form|link|base|frame|portal)\s*/",
        r"<(?:ahref|imgsrc)\s*=?",
        r"<[a-z]+[/\s]+src\b",
        // an attribute that is left, then a tag or a handler
        r"[\x22'`][\s/)\];,]{0,4}>\s*<\s*[a-z!/?]",
        r"(?:^|[^a-z0-9_.\-])on(?:load|error|click|dblclick|mouse\w*|key\w*|focus\w*|blur|change|submit|reset|select\w*|toggle|wheel|scroll\w*|drag\w*|drop|copy|cut|paste|input|invalid|before\w+|pointer\w*|touch\w+|animation\w*|transition\w*|after\w+|hash\w*|message\w*|page\w+|popstate|resize|storage|unload|canplay\w*|play\w*|pause|ended|durationchange|loaded\w*|loadstart|loadend|progress|ratechange|seek\w*|stalled|suspend|volumechange|waiting|show|contextmenu|auxclick|gotpointercapture|lostpointercapture|readystatechange|begin|end|repeat|abort|cancel|close|cuechange|formdata|security\w+|slotchange|search|finish|start|bounce|activate|deactivate|property\w+|filterchange|help|data\w*|row\w+|cell\w+|layoutcomplete|media\w+|redo|undo|resume|reverse|stop|sync\w+|timeupdate|track\w+|url\w+|x|fullscreen\w*|content\w+|webkit\w+|moz\w+|command|snap\w+|online|offline|zoom|rejection\w*|unhandled\w*|languagechange|device\w+|orientation\w+|gesture\w+|install|fetch|push|notification\w+|appinstalled|location)\s*=\s*\S",
        r"\bformaction\s*=|\bsrcdoc\s*=|\bxlink:href\s*=|\bautofocus\b.{0,40}\bon\w+\s*=",
        r"\bsrc\s*=\s*[\x22'`]?\s*(?:j[\s]*a[\s]*v|data:|//)",
        r"\bstyle\s*=\s*[\x22'`]?[^\x22'`]{0,200}(?:expression|url\s*\(|behaviou?r\s*:|-moz-binding|animation-name|position\s*:\s*fixed|@import|transition)",
        r"-moz-binding\s*:|\bbehaviou?r\s*:\s*url|\bexpression\s*\(\s*\w|@im\w{0,4}port\s*[\x22'\\(u]|@charset\s*\x22|\bx-webkit-|-webkit-user-modify",
        r"<!--\s*[>\[]|-->\s*<|--!>|<!\s*<|<!\[",
        r"<<\s*(?:script|img|svg|iframe)",
        r"<\s*(?:/?\s*(?:\w+:\s*)?s\s*c\s*r\s*i\s*p\s*t|i\s*m\s*g|f o r m)\b",
        r"<%[00]*\s*script|<s%00cript",
        r"&\w*_?lt;_?\s*/?scr",
        r">\s*(?:\+|\s)*src\b.{0,20}\bon\w+\s*=",
        // addresses that run
        r"(?:java|vb|live|j)\s{0,3}script\s*:\s*(?:[^\s\w]|\w+\s*[.(\[=`;+]|$)",
        r"j\s{0,2}a\s{0,2}v\s{0,2}a\s{0,2}s\s{0,2}c\s{0,2}r\s{0,2}i\s{0,2}p\s{0,2}t\s{0,2}:\s*[^\s\w]",
        r"\bja[\s\S]{1,8}vascript\s*:|\bjavas[\s\S]{1,8}cript\s*:|v\s{0,2}b\s{0,2}s\s{0,2}c\s{0,2}r\s{0,2}i\s{0,2}p\s{0,2}t\s{0,2}:\s*\S|\bmocha:|\bjar:https?:|\bmhtml:|\bview-source:|\bfeed:javascript",
        r"\bdata\s*:\s*(?:text/html|image/svg|application/x?html|application/javascript|text/javascript|text/xml|application/xml|text/xsl|;base64)",
        r"\bdata:[^,\s]{0,60};base64,|\bdata:,\s*\w+\s*\(",
        // what a server fills in
        r"<!--\s*#\s*\w|<!--\s*esi|<esi:",
    ],
};

pub(super) const DOCUMENTS: Dialect = Dialect {
    kind: "xml",
    what: "has an XML document or entity",
    form: Form::Folded,
    signs: "<&%/=(+",
    structures: &[
        r"<!\s*(?:doctype|entity|element|attlist|notation)\b",
        r"<\?\s*(?:xml|import|php|=|namespace)",
        r"<!\[cdata\[",
        r"\+ad[wg8]|\+aci-|\+adsa",
        r"\bxmlns(?::\w+)?\s*=",
        r"<(?:xi:include|xsl:|soap\w*:|env:envelope|x:|xss:|html\s+xmlns)",
        r"&xxe;|%xxe;|\bsystem\s*[\x22'](?:file|http|ftp|expect|php|netdoc|jar|//)",
        r"/child::|/descendant|\bcount\(/|\bname\(\)\s*=|\bstring-length\s*\(\s*/|\bposition\(\)\s*=",
        r"<xml\b[^>]*\b(?:id|src)\s*=",
    ],
};

pub(super) const SQUEEZED: Dialect = Dialect {
    kind: "markup",
    what: "has HTML that a browser would act on",
    form: Form::Squeezed,
    signs: "'\"\\^$`<",
    structures: &[
        r"</?(?:script|iframe|svg|img)\b[\s/>]",
        r"\bjavascript:\w+\(",
        r"\bon(?:focus|load|error|click|mouseover)\s*=\s*\w+(?:<\w+>)?\(",
        r"\bo<\w>n\w+\s*=",
        r"@import\b|\bexpression\(",
    ],
};
