"""Malformed and ambiguous HTTP/1.1, by family. Every case is of our own making; what it breaks is in docs/http.md."""

import random

from cases import (CHUNKED, CLOSE, CREATED, EMBEDDED, EMBEDDED_WITH_KEY, GROUP, HOST, KEY, USERS, Case, chunked, line, post, sized)


def text(data):
    return data.decode("latin-1").encode("unicode_escape").decode()


def controls():
    def control(name, data, meant=USERS, **more):
        return Case("controls", name, data, "passed", meant, **more)

    yield control("plain", line())
    yield control("closing", line(CLOSE))
    yield control("keep-alive", line(b"Connection: keep-alive\r\n"))
    yield control("te by Perl", line(b"TE: deflate,gzip;q=0.3\r\n", b"Connection: TE, close\r\n"))
    yield control("1.0", line(version=b"HTTP/1.0"))
    yield control("agent", line(b"User-Agent: okta-sdk-python/3.4.6 python/3.11 Linux/6.1\r\n", b"Accept: */*\r\n"))
    yield control("agent in UTF-8", line("User-Agent: Łucja's script\r\n".encode()))
    yield control("cookie and proxies", line(b"Cookie: a=b; c=d\r\n", b"X-Forwarded-For: 192.0.2.1\r\n", b"Via: 1.1 proxy\r\n"))
    yield control("no blank after colons", line(b"Accept:application/json\r\n", b"X-Empty:\r\n"))
    yield control("blanks around values", line(b"Accept: \t application/json \t \r\n"))
    yield control("odd but legal header name", line(b"X!#$%&'*+.^_`|~: 1\r\n"))
    yield control("header names in capitals", line(b"ACCEPT: application/json\r\n"))
    yield control("a head of 60 lines", line(*(b"X-%d: y\r\n" % number for number in range(58))))
    yield control("a value of 16 kB", line(b"X-Long: " + b"x" * 16000 + b"\r\n"))
    yield control("length zero", line(sized(b"")))
    yield control("empty object with GET", line(b"Content-Type: application/json\r\n", sized(b"{}"), body=b"{}"))
    yield control("encoded query", line(target=b"/api/v1/users?filter=status%20eq%20%22ACTIVE%22"),
                  ("GET", "/api/v1/users?filter=status%20eq%20%22ACTIVE%22", b""))
    yield control("plus in a query", line(target=b"/api/v1/users?filter=status+eq+%22ACTIVE%22"),
                  ("GET", "/api/v1/users?filter=status%20eq%20%22ACTIVE%22", b""))
    yield control("login in a path", line(target=b"/api/v1/users/ada@example.com"), ("GET", "/api/v1/users/ada@example.com", b""))
    yield control("body with its length", post(sized(GROUP)), CREATED)
    yield control("body in one chunk", post(CHUNKED, body=chunked(GROUP)), CREATED)
    yield control("body in chunks", post(CHUNKED, body=chunked(GROUP[:1], GROUP[1:9], GROUP[9:])), CREATED)
    yield control("chunk sizes in capitals and with zeros", post(CHUNKED, body=b"00%X\r\n%s\r\n000\r\n\r\n" % (len(GROUP), GROUP)), CREATED)
    yield control("coding in capitals", post(b"TRANSFER-ENCODING: Chunked\r\n", body=chunked(GROUP)), CREATED)
    yield control("body after 100 Continue", post(b"Expect: 100-continue\r\n", sized(GROUP)), CREATED, waits=True)
    yield control("chunks after 100 Continue", post(b"Expect: 100-continue\r\n", CHUNKED, body=chunked(GROUP)), CREATED, waits=True)
    yield control("byte by byte", post(sized(GROUP)), CREATED, pieces=1)
    yield control("chunks byte by byte", post(CHUNKED, body=chunked(GROUP[:5], GROUP[5:])), CREATED, pieces=1)
    yield control("pieces of 7 bytes", line(), pieces=7)


def both_lengths():
    """Content-Length and Transfer-Encoding together, whichever is right."""
    for name, length in (("right", len(chunked(GROUP))), ("zero", 0), ("short", 4), ("long", 400), ("body's", len(GROUP))):
        for first in ("length", "coding"):
            pair = [b"Content-Length: %d\r\n" % length, CHUNKED]
            yield Case("both lengths", f"{first} first, length {name}",
                       post(*(pair if first == "length" else pair[::-1]), body=chunked(GROUP)), "refused")
    yield Case("both lengths", "with 1.0", post(sized(GROUP), CHUNKED, body=GROUP, version=b"HTTP/1.0"), "refused")
    yield Case("both lengths", "coding unknown", post(sized(GROUP), b"Transfer-Encoding: identity\r\n"), "refused")


def lengths():
    """Content-Length that is not one plain number."""
    right = str(len(GROUP)).encode()
    for value in (b"+" + right, b"-" + right, b"0" + right, b"00" + right, b"0x41", b"41h", b"", b" ", right + b".0", right + b"e0", right + b";",
                  right + b"," + right, right + b", " + right, b"," + right, right + b",", right + b" " + right, b"'" + right + b"'",
                  b'"' + right + b'"', b"1_0", right[:1] + b" " + right[1:], right + b"\x00", b"\x00" + right, right + b"\x0b", b"\x0c" + right,
                  "６５".encode(), b"\xb2", b"-0", b"+0", b"18446744073709551615", b"18446744073709551616",
                  b"18446744073709551681", b"9" * 40, b"NaN", b"chunked", b"6 5", b"65 bytes", b"(65)", b"65#"):
        yield Case("lengths", text(value), post(b"Content-Length: " + value + b"\r\n"), "refused")
    for second in (right, b"0", b"1", b""):
        yield Case("lengths", f"second {text(second)}", post(sized(GROUP), b"Content-Length: " + second + b"\r\n"), "refused")
        yield Case("lengths", f"second {text(second)} in lower case", post(b"content-length: " + second + b"\r\n", sized(GROUP)), "refused")
    yield Case("lengths", "by another name", post(b"Content_Length: " + right + b"\r\n"), "refused")
    yield Case("lengths", "folded", post(b"Content-Length:\r\n " + right + b"\r\n"), "refused")


def codings():
    """Transfer-Encoding other than one `chunked`."""
    for value in (b"gzip, chunked", b"chunked, chunked", b",chunked", b"chunked,", b"x,chunked", b"chunked, identity", b"identity, chunked",
                  b"identity", b"gzip", b"deflate", b"xchunked", b"chunkedx", b"chunked;q=1", b"chunked; a=b", b'"chunked"', b"'chunked'", b"chunk",
                  b"", b"chunked chunked", b"cow, chunked", b"chunked\x00", b"\x00chunked", b"chunked\x0b", b"\x0bchunked", b"\xc2\xa0chunked",
                  b"chunked\xff", b"ch\xc5\xabnked", b"null", b"trailers", b"compress, chunked"):
        for length in (False, True):
            headers = [b"Transfer-Encoding: " + value + b"\r\n"] + ([sized(GROUP)] if length else [])
            yield Case("codings", f"{text(value)}{' with length' if length else ''}", post(*headers, body=chunked(GROUP)), "refused")
    for second in (b"chunked", b"identity", b"gzip", b"", b"x"):
        yield Case("codings", f"then {text(second)}", post(CHUNKED, b"Transfer-Encoding: " + second + b"\r\n", body=chunked(GROUP)), "refused")
        yield Case("codings", f"after {text(second)}", post(b"Transfer-encoding: " + second + b"\r\n", CHUNKED, body=chunked(GROUP)), "refused")
    yield Case("codings", "in 1.0", post(CHUNKED, version=b"HTTP/1.0", body=chunked(GROUP)), "refused")
    yield Case("codings", "by another name", post(b"Transfer_Encoding: chunked\r\n", body=chunked(GROUP)), "refused")
    yield Case("codings", "folded", post(b"Transfer-Encoding:\r\n chunked\r\n", body=chunked(GROUP)), "refused")
    yield Case("codings", "folded by a tab", post(b"Transfer-Encoding: chunked\r\n\t, identity\r\n", body=chunked(GROUP)), "refused")
    yield Case("codings", "named by Connection", post(b"Connection: Transfer-Encoding\r\n", CHUNKED, body=chunked(GROUP)), "refused")


def hidden_codings():
    """Transfer-Encoding hidden from some readers by one byte, beside a length for the others; what follows is a second request."""
    places = (b"%sTransfer-Encoding: chunked", b"Trans%sfer-Encoding: chunked", b"Transfer%sEncoding: chunked", b"Transfer-Encoding%s: chunked",
              b"Transfer-Encoding:%schunked", b"Transfer-Encoding: %schunked", b"Transfer-Encoding: chun%sked", b"Transfer-Encoding: chunked%s",
              b"X: y%sTransfer-Encoding: chunked", b"Transfer-Encoding%s chunked")
    for byte in (0x00, 0x01, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b, 0x20, 0x22, 0x2c, 0x3b, 0x7f, 0x85, 0xff):
        for number, place in enumerate(places):
            body = b"0\r\n\r\n" + EMBEDDED
            hidden = place % bytes([byte]) + b"\r\n"
            unseen = number == 8 and byte in b"\t \",;"  # then it is part of the value of X, and the length counts
            yield Case("hidden codings", f"{byte:02x} in place {number}", post(sized(body), hidden, body=body),
                       "denied" if unseen else "refused")


def chunks():
    """Chunks that two readers could end in different places."""
    size = b"%x" % len(GROUP)
    end = b"\r\n0\r\n\r\n"
    for name, body in (
            ("size then LF", size + b"\n" + GROUP + end), ("size then CR", size + b"\r" + GROUP + end),
            ("data then LF", size + b"\r\n" + GROUP + b"\n0\r\n\r\n"), ("data then CR", size + b"\r\n" + GROUP + b"\r0\r\n\r\n"),
            ("data then nothing", size + b"\r\n" + GROUP + b"0\r\n\r\n"), ("data then more", size + b"\r\n" + GROUP + b"xx" + end),
            ("size too small", b"5\r\n" + GROUP + end), ("size too large", b"ff\r\n" + GROUP + end + b"x" * 400),
            ("blank before size", b" " + size + b"\r\n" + GROUP + end), ("blank after size", size + b" \r\n" + GROUP + end),
            ("tab after size", size + b"\t\r\n" + GROUP + end), ("sign", b"+" + size + b"\r\n" + GROUP + end),
            ("minus", b"-" + size + b"\r\n" + GROUP + end), ("0x", b"0x" + size + b"\r\n" + GROUP + end),
            ("h", size + b"h\r\n" + GROUP + end), ("decimal point", size + b".0\r\n" + GROUP + end), ("no size", b"\r\n" + GROUP + end),
            ("underscore", b"4_1\r\n" + GROUP + end), ("NUL", size + b"\x00\r\n" + GROUP + end), ("quote", b'"' + size + b'"\r\n' + GROUP + end),
            ("extension", size + b";a=b\r\n" + GROUP + end), ("bare extension", size + b";\r\n" + GROUP + end),
            ("blank extension", size + b" ; a=b\r\n" + GROUP + end), ("quoted extension", size + b';a="\r\n"\r\n' + GROUP + end),
            ("extension with LF", size + b";a\n" + GROUP + end), ("extension of the last", size + b"\r\n" + GROUP + b"\r\n0;a\r\n\r\n"),
            ("long extension", size + b";" + b"a" * 20000 + b"\r\n" + GROUP + end),
            ("nine digits", b"000000041\r\n" + GROUP + end), ("2^32", b"100000041\r\n" + GROUP + end), ("2^64", b"10000000000000041\r\n" + GROUP + end),
            ("forty digits", b"0" * 40 + b"\r\n\r\n"), ("larger than any body", b"fffffff\r\n" + GROUP + end),
            ("trailer", size + b"\r\n" + GROUP + b"\r\n0\r\nX: y\r\n\r\n"), ("trailing length", size + b"\r\n" + GROUP + b"\r\n0\r\nContent-Length: 3\r\n\r\n"),
            ("trailing host", size + b"\r\n" + GROUP + b"\r\n0\r\nHost: evil.example\r\n\r\n"),
            ("trailing credential", size + b"\r\n" + GROUP + b"\r\n0\r\nAuthorization: SSWS x\r\n\r\n"),
            ("last then LF", size + b"\r\n" + GROUP + b"\r\n0\n\r\n"), ("end by LF", size + b"\r\n" + GROUP + b"\r\n0\r\n\n"),
            ("end by CR", size + b"\r\n" + GROUP + b"\r\n0\r\n\rX"), ("last with blank", size + b"\r\n" + GROUP + b"\r\n0 \r\n\r\n"),
            ("no chunks at all", GROUP), ("crumbs", b"1\r\nx\r\n" * 9000 + b"0\r\n\r\n")):
        yield Case("chunks", name, post(CHUNKED, body=body), "refused")


def request_lines():
    """First lines that are not a method, a path and a version."""
    rest = b"\r\nHost: " + HOST + b"\r\nAuthorization: SSWS " + KEY + b"\r\n\r\n"
    target = b"/api/v1/users?limit=2"
    for first in (b"GET " + target, b"GET " + target + b" ", b"GET  " + target + b" HTTP/1.1", b"GET " + target + b"  HTTP/1.1",
                  b"GET " + target + b" HTTP/1.1 ", b" GET " + target + b" HTTP/1.1", b"\tGET " + target + b" HTTP/1.1",
                  b"GET\t" + target + b"\tHTTP/1.1", b"GET\x0b" + target + b" HTTP/1.1", b"GET\x0c" + target + b"\x0cHTTP/1.1",
                  b"GET\x00 " + target + b" HTTP/1.1", b"GET " + target + b" x HTTP/1.1", b"GET " + target + b" HTTP/1.1 HTTP/1.1",
                  b"GET " + target + b"\r HTTP/1.1", b"GET\r" + target + b" HTTP/1.1", b"GET" + target + b" HTTP/1.1", b"GET", b"", b" ",
                  target + b" HTTP/1.1", b"HTTP/1.1 200 OK", b"GET " + target + b" HTTP/1.1\x00", b"GET " + target + b" HTTP/1.1,",
                  b"G(T " + target + b" HTTP/1.1", b"GET, " + target + b" HTTP/1.1", b"GE\x80T " + target + b" HTTP/1.1", b"G@T " + target + b" HTTP/1.1",
                  b'"GET" ' + target + b" HTTP/1.1", b"GET: " + target + b" HTTP/1.1", b"A" * 100 + b" " + target + b" HTTP/1.1",
                  b"A" * 10000 + b" " + target + b" HTTP/1.1", b"CONNECT " + target + b" HTTP/1.1", b"CONNECT evil.example:443 HTTP/1.1"):
        yield Case("request lines", text(first[:60]), first + rest, "refused")
    for version in (b"HTTP/0.9", b"HTTP/1.2", b"HTTP/1.10", b"HTTP/1.", b"HTTP/1", b"HTTP/.1", b"HTTP/2.0", b"HTTP/2", b"HTTP/3", b"HTTP/11", b"HTTP/01.1",
                    b"HTTP/1.01", b"HTTP/+1.1", b"HTTP/-1.1", b"HTTP/1.1.1", b"HTTP/1,1", b"HTTP/1.x", b"HTTP 1.1", b"http/1.1", b"Http/1.1", b"HTTPS/1.1",
                    b"HTTP1.1", b"HTTP/1.1\x0b", b"ICY/1.1", b"SIP/2.0", b"HTTP/1.1;", b"HTTP/\xb9.1"):
        yield Case("versions", text(version), line(version=version), "refused")
    for method in (b"get", b"Get", b"gET", b"HEAD", b"TRACE", b"PROPFIND", b"FOO", b"GETS", b"GE", b"M-SEARCH", b"OPTIONS", b"SEARCH", b"PATCH", b"LINK"):
        yield Case("methods", text(method), line(CLOSE, method=method), "denied")


def targets():
    """Targets that are no path, or whose path could be read as another one."""
    def case(target, outcome="refused", meant=None):
        return Case("targets", text(target[:70]), line(CLOSE, target=target), outcome, meant)

    for target in (b"*", b"http://" + HOST + b"/api/v1/users", b"https://" + HOST + b"/api/v1/users", b"http://evil.example/api/v1/users", b"ftp://" + HOST + b"/",
                   b"http:/api/v1/users", b"http:///api/v1/users", HOST, HOST + b"/api/v1/users", b"evil.example:443", b"user@" + HOST,
                   b"http://user:secret@" + HOST + b"/api/v1/users", b"api/v1/users", b"?limit=2", b"#", b".", b"..", b"./api/v1/users", b"\\api\\v1\\users",
                   b"/api/v1/users#me", b"/api/v1/users?limit=2#x", b"/api/v1\\users", b"/api/v1/groups/..\\users", b"/api/v1/us\x00ers", b"/api/v1/us\x01ers",
                   b"/api/v1/us\ters", b"/api/v1/us\x7fers", b"/api/v1/us\x80ers", b"/api/v1/us\xffers", "/api/v1/üsers".encode(), "/api/v1／users".encode(),
                   b'/api/v1/users?q="a"', b"/api/v1/users?q=<a>", b"/api/v1/users?q={a}", b"/api/v1/users?q=a|b", b"/api/v1/users?q=a^b", b"/api/v1/users?q=`a`",
                   b"/api/v1/users?q=[a]", b"/api/v1/users?q=a\\b", b"/api/v1/users?q=\xc3\xa4", b"/api/v1/users?q=\xff", b"/api/v1/users?q=a\x0bb",
                   b"/" + b"a" * 20000, b"/api/v1/users?" + b"a" * 18600, b"/a" * 9300):
        yield case(target)
    for target in (b"/api/v1/groups/../users", b"/api/v1/./users", b"/api/v1/users/..", b"/api/v1/users/.", b"/../api/v1/users", b"/api/v1/groups/%2e%2e/users",
                   b"/api/v1/groups/.%2e/users", b"/api/v1/groups/%2E./users", b"/api/v1/%2e/users", b"/api/v1/groups%2f..%2fusers", b"/api/v1%2fusers", b"/api/v1%2Fusers",
                   b"/api/v1%5cusers", b"/api/v1/users%00", b"/api/v1/users/%00", b"/api/v1/users%0d%0aX:y", b"/api/v1/users/%0a", b"/api/v1/users/%7f",
                   b"/api/v1/users;a=b", b"/api/v1;x/users", b"/api/v1/groups/..;/users", b"/api/v1/users/%3bx", b"/api/v1/users/%252e%252e", b"/api/v1/users/%25%32%66",
                   b"/api/v1/users/%u002e", b"/api/v1/users/%c0%ae%c0%ae", b"/api/v1/users/%c0%af", b"/api/v1/users/%e0%80%af", b"/api/v1/users/%ff", b"/api/v1/users/%",
                   b"/api/v1/users/%2", b"/api/v1/users/%zz", b"/api/v1/users/%%41", b"/api/v1/users?q=%00", b"/api/v1/users?q=%0d%0aX:y", b"/api/v1/users?q=%c3",
                   b"/api/v1/users?q=%zz", b"/api/v1/users?q=%", b"/api/v1/users?%0a=1", b"/API/V1/users", b"/api/v1/Users", b"/", b"/api", b"/api/v1/users/a/b/c/d/e/f/g",
                   b"/api/v1/users?" + b"a&" * 200, b"/api/v1/" + b"a" * 3000, b"/api/v1" + b"/a" * 40):
        yield case(target, "denied")
    for target in (b"//api/v1/users?limit=2", b"/api//v1/users?limit=2", b"/api/v1/users/?limit=2", b"/api/v1/%75sers?limit=2", b"/%61pi/v1/users?limit=2",
                   b"/api/v1/users?limit=%32", b"/api/v1/users?%6cimit=2", b"/api/v1/users?limit=2&", b"/api/v1/users?&limit=2"):
        yield case(target, "either", USERS)
    yield case(b"/api/v1/users?limit=2&limit=3", "either", ("GET", "/api/v1/users?limit=2&limit=3", b""))
    yield case(b"/api/v1/users?limit=2?limit=3", "either", ("GET", "/api/v1/users?limit=2%3Flimit%3D3", b""))


def hosts():
    """Host missing, repeated, or not the name of one place."""
    for name, lines in (("none", b""), ("empty", b"Host:\r\n"), ("blank", b"Host: \r\n"), ("twice", b"Host: " + HOST + b"\r\nHost: " + HOST + b"\r\n"),
                        ("another second", b"Host: " + HOST + b"\r\nHost: evil.example\r\n"), ("another first", b"Host: evil.example\r\nHost: " + HOST + b"\r\n"),
                        ("second in lower case", b"Host: " + HOST + b"\r\nhost: " + HOST + b"\r\n"), ("empty second", b"Host: " + HOST + b"\r\nHost:\r\n"),
                        ("blank before colon", b"Host : " + HOST + b"\r\n"), ("folded", b"Host:\r\n " + HOST + b"\r\n"),
                        ("folded second", b"Host: " + HOST + b"\r\n evil.example\r\n"), ("after a blank", b"X: y\r\n Host: " + HOST + b"\r\n")):
        yield Case("hosts", name, line(lines, host=False), "refused")
    for value in (HOST + b",evil.example", HOST + b", " + HOST, b"user@" + HOST, b"user:secret@" + HOST, HOST + b"/", HOST + b"/api", HOST + b"?x", HOST + b"#x",
                  b"http://" + HOST, HOST + b" evil.example", HOST + b":x", HOST + b":", b":80", HOST + b":80", b"127.0.0.1:", b"127.0.0.1:999999",
                  HOST + b"\x00", HOST + b"\x01", HOST + b"\x7f", b"\x0b" + HOST, HOST + b"\x0cevil", b"127%2e0.0.1", "gäte.example".encode(), b"gate\xff",
                  b"[::1", b"::1", b"[::1]x", b"[]", b"a_b@c", b"gate.example\\evil", b"<gate>", b"'" + HOST + b"'", b'"' + HOST + b'"', b"*", b"(gate)"):
        yield Case("hosts", text(value), line(b"Host: " + value + b"\r\n", host=False), "refused")
    for value in (b"evil.example", b"localhost", b"127.0.0.1", b"127.0.0.1.", b"[::1]", b"127.0.0.1:1"):
        yield Case("hosts", f"{text(value)}, unknown", line(b"Host: " + value + b"\r\n", CLOSE, host=False), "denied")
    yield Case("hosts", "another one forwarded", line(b"X-Forwarded-Host: evil.example\r\n", b"X-Host: evil.example\r\n", b"Forwarded: host=evil.example\r\n"), "passed", USERS)


def lines():
    """Lines that end, begin or continue otherwise than by CR LF and a name."""
    whole = line(b"Accept: application/json\r\n")
    for number, end in enumerate(position for position in range(len(whole)) if whole[position:position + 2] == b"\r\n"):
        yield Case("lines", f"LF after line {number}", whole[:end] + whole[end + 1:], "refused")
        yield Case("lines", f"CR after line {number}", whole[:end + 1] + whole[end + 2:] + b"\r\n", "refused")
        yield Case("lines", f"CR CR LF after line {number}", whole[:end] + b"\r" + whole[end:], "refused")
        yield Case("lines", f"LF CR after line {number}", whole[:end] + b"\n\r" + whole[end + 2:], "refused")
    yield Case("lines", "all LF", whole.replace(b"\r\n", b"\n"), "refused")
    yield Case("lines", "all CR", whole.replace(b"\r\n", b"\r"), "refused")
    yield Case("lines", "empty line in front", b"\r\n" + whole, "refused")
    yield Case("lines", "LF in front", b"\n" + whole, "refused")
    yield Case("lines", "blank in front", b" \r\n" + whole, "refused")
    for header in (b" X: y", b"\tX: y", b"X: y\r\n z", b"X: y\r\n\tz", b"X: y\r\n ", b"X : y", b"X\t: y", b"X y: z", b"X", b": y", b"=x", b"X;: y", b"X=y", b"(X): y", b"X\x00: y",
                   b"X\x0b: y", b"X\x7f: y", b"X\x80: y", b"X\xff: y", "Х: y".encode(), b'"X": y', b"X,Y: z", b"X/Y: z", b"X@Y: z", b"X[]: y", b"{X}: y", b"X\\: y",
                   b"X?: y", b"<X>: y", b"X\r: y", b"X:\ry", b"X: y\rZ: w", b"X: y\nZ: w", b"X\n: y", b"\x00", b"-\x0b-", b"X: \xff", b"X: \xc0\xaf", b"X: \xed\xa0\x80", b"X: \xe9t\xe9"):
        yield Case("header lines", text(header), line(header + b"\r\n"), "refused")


def control_bytes():
    """Every control character, in values that are passed on and in some that are not."""
    for byte in [*range(0x00, 0x20), 0x7f]:
        if byte != 0x09:
            yield Case("control bytes", f"{byte:02x} in a value", line(b"X-Note: a%cb\r\n" % byte), "refused")
            yield Case("control bytes", f"{byte:02x} in the agent", line(b"User-Agent: a%cb\r\n" % byte), "refused")
    for byte in (0x00, 0x0a, 0x0b, 0x0d, 0x7f):
        yield Case("control bytes", f"{byte:02x} in the credential", line(b"Authorization: SSWS " + KEY + b"%c\r\n" % byte, key=False), "refused")
        yield Case("control bytes", f"{byte:02x} in the media type", post(b"Content-Type: application/json%c\r\n" % byte, sized(GROUP)), "refused")


def hops():
    """Headers that concern one connection, or that would steer whoever reads them next."""
    for option in (b"X-Secret", b"close, X-Secret", b"Authorization", b"Host", b"Content-Length", b"close,", b",close", b"close close", b"", b"upgrade", b"Upgrade, HTTP2-Settings",
                   b"keep-alive, Cookie", b"X-Forwarded-For", b"close; a=b", b'"close"', b"\xff"):
        yield Case("hop by hop", f"Connection: {text(option)}", line(b"X-Secret: 1\r\n", b"Connection: " + option + b"\r\n"), "refused")
    for value in (b"h2c", b"websocket", b"TLS/1.2", b"HTTP/2.0", b"h2c, websocket", b"", b"foo"):
        yield Case("hop by hop", f"Upgrade: {text(value)}", line(b"Connection: keep-alive\r\n", b"Upgrade: " + value + b"\r\n") + EMBEDDED_WITH_KEY, "refused")
    yield Case("hop by hop", "h2c as a browser asks for it", line(b"Connection: Upgrade, HTTP2-Settings\r\n", b"Upgrade: h2c\r\n", b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n"), "refused")
    for value in (b"200-ok", b"100-continue, x", b"x", b"", b"100-continue;q=1", b"100", b"100-continue 100-continue", b'"100-continue"'):
        yield Case("hop by hop", f"Expect: {text(value)}", post(b"Expect: " + value + b"\r\n", sized(GROUP)), "refused")
    for name in (b"Keep-Alive: timeout=5", b"Proxy-Connection: close", b"Proxy-Authorization: Basic YTpi", b"TE: trailers", b"Trailer: X-Check", b"HTTP2-Settings: AAMA",
                 b"X-Original-URL: /api/v1/groups", b"X-Rewrite-URL: /api/v1/groups", b"X-Forwarded-Path: /api/v1/groups", b"X-Forwarded-Proto: http", b"X-Forwarded-Prefix: /x",
                 b"X-Real-IP: 10.0.0.1", b"True-Client-IP: 10.0.0.1", b"CF-Connecting-IP: 10.0.0.1", b"X-Okta-User-Agent-Extended: x", b"Cookie: sid=102", b"Cookie: DT=x; sid=1",
                 b"Origin: https://evil.example", b"Referer: https://evil.example", b"Range: bytes=0-1", b"If-None-Match: x", b"Max-Forwards: 0", b"X-Forwarded-For: 127.0.0.1",
                 b"X-Forwarded-For: a b, , \"x\"", b"X-Forwarded-For: unknown\r\nX-Forwarded-For: 10.0.0.1", b"Forwarded: for=10.0.0.1", b"Via: 1.1 evil"):
        yield Case("not passed on", text(name), line(name + b"\r\n"), "passed", USERS)
    for name in (b"X-HTTP-Method-Override", b"X-HTTP-Method", b"X-Method-Override", b"_method", b"X-HTTP-Method_Override"):
        yield Case("not passed on", f"{text(name)}: DELETE", post(name + b": DELETE\r\n", sized(GROUP)), "passed", CREATED)
        yield Case("not passed on", f"{text(name)}: POST on a read", line(name + b": POST\r\n"), "passed", USERS)


def twice():
    """Headers that decide, stated twice."""
    for name, second, key in (("credential", b"Authorization: SSWS " + KEY, True), ("another credential", b"Authorization: SSWS other", True),
                              ("another scheme", b"Authorization: Bearer other", True), ("empty credential", b"Authorization:", True),
                              ("proof", b"Authorization: DPoP a.b.c\r\nDPoP: a.b.c\r\nDPoP: a.b.c", False), ("list of credentials", b"Authorization: SSWS " + KEY + b", SSWS " + KEY, False),
                              ("folded into one", b"Authorization: SSWS\r\n " + KEY, False)):
        refused = "refused" if name == "folded into one" else "denied"
        yield Case("twice", name, line(second + b"\r\n", CLOSE, key=key), refused)
    for name, headers in (("media type", [b"Content-Type: application/json\r\n"]), ("another media type", [b"Content-Type: text/plain\r\n"]),
                          ("encoding of the body", [b"Content-Encoding: gzip\r\n"]), ("encoding identity", [b"Content-Encoding: identity\r\n"]),
                          ("encodings", [b"Content-Encoding: gzip\r\nContent-Encoding: br\r\n"]), ("precondition", [b"If-Match: a\r\n", b"If-Match: b\r\n"]),
                          ("charset", [b"Content-Type: application/json; charset=utf-16\r\n"])):
        yield Case("twice", name, post(*headers, sized(GROUP), CLOSE), "denied")


def limits():
    """More than there may be."""
    yield Case("limits", "65 header lines", line(*(b"X-%d: y\r\n" % number for number in range(63))), "refused")
    yield Case("limits", "1,000 header lines", line(*(b"X-%d: y\r\n" % number for number in range(998))), "refused")
    yield Case("limits", "a head of 33 kB", line(b"X: " + b"x" * 33000 + b"\r\n"), "refused")
    yield Case("limits", "a head without end", line(b"X: " + b"x" * 200000), "refused")
    yield Case("limits", "a name of 40 kB", line(b"X" * 40000 + b": y\r\n"), "refused")
    yield Case("limits", "a first line without end", b"GET /" + b"a" * 100000, "refused")
    yield Case("limits", "a body of 2 MiB by its length", post(b"Content-Length: 2097152\r\n", CLOSE, body=b"x" * 2097152), "denied")
    yield Case("limits", "a body of 2 MiB in chunks", post(CHUNKED, CLOSE, body=chunked(*[b"x" * 65536] * 32)), "denied")


def garbage():
    """What is no request at all, alone and after one."""
    noise = random.Random(4)
    pieces = {
        "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(range(1, 128)), "SSH": b"SSH-2.0-OpenSSH_9.2\r\n", "NULs": b"\x00" * 64, "a binary": bytes(range(256)),
        "SMTP": b"EHLO gate.example\r\nMAIL FROM:<a@b>\r\n", "Redis": b"*1\r\n$4\r\nPING\r\n", "PROXY": b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + line(),
        "PROXY v2": b"\r\n\r\n\x00\r\nQUIT\n" + bytes(16), "an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/0.9": b"GET /api/v1/users\r\n",
        "HTTP/2 half": b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + bytes(40), "HTTP/2 in 1.1": b"PRI * HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
        "HTTP/2 lower case": b"pri * http/2.0\r\n\r\nsm\r\n\r\n", "JSON": b'{"a": 1}\r\n\r\n', "a chunk": b"5\r\nhello\r\n0\r\n\r\n", "blank lines": b"\r\n\r\n\r\n", "a header": b"Host: " + HOST + b"\r\n\r\n",
        "UTF-16": line().decode("latin-1").encode("utf-16-le"), "a byte order mark": b"\xef\xbb\xbf" + line(),
    }
    for number in range(12):
        pieces[f"noise {number}"] = bytes(noise.randrange(256) for _ in range(200)) + b"\r\n\r\n"
    for name, data in pieces.items():
        yield Case("garbage", name, data, "refused")
        yield Case("garbage after a request", name, line() + data, "then_refused", USERS)
    yield Case("garbage after a request", "HTTP/2", line() + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), "then_refused", USERS)
    yield Case("garbage after a request", "more body than said", post(sized(GROUP)) + b"}\r\n" + EMBEDDED_WITH_KEY, "then_refused", CREATED)
    yield Case("garbage after a request", "an empty line", line() + b"\r\n" + EMBEDDED_WITH_KEY, "then_refused", USERS)
    yield Case("garbage after a request", "a second end of chunks", post(CHUNKED, body=chunked(GROUP)) + b"0\r\n\r\n", "then_refused", CREATED)


def smuggled():
    """Pairs: what one reader takes for the end of a body is to another the begin of a second request."""
    for kind, hidden in (("no credential", EMBEDDED), ("a credential", EMBEDDED_WITH_KEY)):
        def case(name, data, outcome="refused", meant=None, kind=kind):
            return Case("smuggled", f"{name}, {kind}", data, outcome, meant)

        yield case("CL.TE", post(b"Content-Length: %d\r\n" % (5 + len(hidden)), CHUNKED, body=b"0\r\n\r\n" + hidden))
        yield case("TE.CL", post(b"Content-Length: 4\r\n", CHUNKED, body=b"%x\r\n" % len(hidden) + hidden + b"\r\n0\r\n\r\n"))
        yield case("TE.TE", post(CHUNKED, b"Transfer-Encoding: x\r\n", body=b"0\r\n\r\n" + hidden))
        yield case("CL.CL", post(b"Content-Length: 0\r\n", b"Content-Length: %d\r\n" % len(hidden), body=hidden))
        yield case("CL.0 list", post(b"Content-Length: 0, %d\r\n" % len(hidden), body=hidden))
        yield case("0x length", post(b"Content-Length: 0x%x\r\n" % len(hidden), body=hidden))
        yield case("octal length", post(b"Content-Length: 0%o\r\n" % len(hidden), body=hidden))
        yield case("folded coding", post(b"Content-Length: %d\r\n" % len(hidden), b"X: y\r\n Transfer-Encoding: chunked\r\n", body=hidden))
        yield case("1.0 coding", post(CHUNKED, version=b"HTTP/1.0", body=b"0\r\n\r\n" + hidden))
        yield case("chunk extension with a line end", post(CHUNKED, body=b"2;\n{}\r\n0\r\n\r\n" + hidden))
        yield case("chunk of 2^32", post(CHUNKED, body=b"100000000\r\n\r\n0\r\n\r\n" + hidden))
        yield case("chunk ended by LF", post(CHUNKED, body=b"2\r\n{}\n0\n\n" + hidden))
        yield case("trailer that is a request", post(CHUNKED, body=b"2\r\n{}\r\n0\r\n" + hidden))
        yield case("header ended by CR", line(b"X: y\r\r" + hidden))
        yield case("header ended by LF LF", line(b"X: y\n\n" + hidden))
        yield case("NUL then a request", line(b"X: \x00\r\n") + hidden)
        yield case("upgrade then a request", line(b"Connection: Upgrade\r\n", b"Upgrade: h2c\r\n") + hidden)
        yield case("expect then a request", post(b"Expect: x\r\n", b"Content-Length: 0\r\n", body=hidden))
        yield case("CONNECT then a request", line(method=b"CONNECT", target=b"evil.example:80") + hidden)
        yield case("absolute form then a request", line(target=b"http://evil.example/") + hidden)
        yield case("in the target", line(target=b"/api/v1/users HTTP/1.1\r\n\r\n" + hidden))
        yield case("in a value", line(b"X: y\r\n\r\n" + hidden.replace(b"\r\n", b"\n")), "then_refused", USERS)
        yield case("read whole as a body", post(b"Content-Length: %d\r\n" % len(hidden), CLOSE, body=hidden), "denied")
        yield case("read whole as chunks", post(CHUNKED, CLOSE, body=chunked(hidden)), "denied")
        yield case("after the last request", line(CLOSE) + hidden, "passed", USERS)


def truncated():
    """Requests that end before they are whole."""
    whole = post(sized(GROUP))
    head = whole.index(b"\r\n\r\n")
    for at in (1, 3, 5, 20, 30, head - 8, head - 1, head + 1, head + 2, head + 3):
        yield Case("truncated", f"in the head at {at}", whole[:at], "refused", cut=True)
    for at in (head + 4, head + 5, len(whole) - 1):
        yield Case("truncated", f"in the body at {at}", whole[:at], "denied", cut=True)
    body = post(CHUNKED, body=chunked(GROUP))
    for less in (1, 2, 3, 4, 5, 6, 7, 8, 30):
        yield Case("truncated", f"{less} bytes of chunks missing", body[:-less], "denied", cut=True)


FAMILIES = (controls, both_lengths, lengths, codings, hidden_codings, chunks, request_lines, targets, hosts, lines, control_bytes, hops, twice, limits, garbage,
            smuggled, truncated)


def all_cases():
    return [case for family in FAMILIES for case in family()]
