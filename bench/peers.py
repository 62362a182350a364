"""The peers: HAProxy, nginx and Envoy, each set up to do what one of our rows does, or as much of it as it can."""

import base64
import hashlib
import json
import secrets
import time

from rows import Row, find
from stage import NEW_USER, OKTA_TOKEN, free_port, posting

KEYS_STORED = 10_000
ISSUER, AUDIENCE = "https://issuer.example/oauth2/default", "https://gateway.example"
USERS = "^/api/v1/users(/[A-Za-z0-9]{1,64})?$"


def rows(stage, envoy):
    """All rows of peers that can run here."""
    keys = [f"key_{secrets.token_urlsafe(32)}" for _ in range(KEYS_STORED)]
    signing = Signer()
    token = signing.token()
    key = {"Authorization": f"SSWS {keys[0]}"}
    wrong = {"Authorization": f"SSWS {keys[0][:-6]}AAAAAA"}
    bearer = {"Authorization": f"Bearer {token}"}
    forged = {"Authorization": f"Bearer {token[:-8]}AAAAAAAA"}
    plain, plain_port = haproxy(stage, "plain")
    keyed, keyed_port = haproxy(stage, "keyed", by_key(stage, keys))
    logged, logged_port = haproxy(stage, "logged", by_key(stage, keys), log=True)
    signed, signed_port = haproxy(stage, "signed", by_token(stage, signing), log=True)
    shaken, shaken_port = haproxy(stage, "shaken", bind=f"ssl crt {stage.directory}/tls.pem", tls=True)
    nginx, nginx_port = nginx_tls(stage)
    found = [
        Row("HAProxy, plain", plain, plain_port, group="read"),
        Row("HAProxy, hashed keys and access list", keyed, keyed_port, group="read", headers=key, wrong=wrong),
        Row("HAProxy, the same with an access log", logged, logged_port, group="read", headers=key, wrong=wrong),
        Row("HAProxy, ES256 token verified each time", signed, signed_port, group="token", headers=bearer, wrong=forged),
        Row("HAProxy, plain POST", plain, plain_port, group="post", path="/api/v1/users", script=posting(stage), body=NEW_USER,
            headers={"Content-Type": "application/json"}),
        Row("HAProxy, full TLS 1.3 handshake", shaken, shaken_port, group="handshake", tls=True, shakes=True),
        Row("nginx, full TLS 1.3 handshake", nginx, nginx_port, group="handshake", tls=True, shakes=True),
    ]
    if envoy:
        cached, cached_port = envoy_cached(stage, envoy, signing)
        found.append(Row("Envoy, ES256 token from its cache, log", cached, cached_port, group="token", headers=bearer, wrong=forged))
        greeted, greeted_port = envoy_tls(stage, envoy)
        found.append(Row("Envoy, full TLS 1.3 handshake", greeted, greeted_port, group="handshake", tls=True, shakes=True))
    return found


def haproxy(stage, name, rules="", log=False, bind="", tls=False):
    port = free_port()
    line = '{"t":"%Ts.%ms","caller":"%[var(txn.known)]","method":"%HM","path":"%HU","status":%ST,"ms":%Ta}'
    logging = f"  log global\n  log-format '{line}'" if log else ""
    options = """
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
  ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets
  tune.ssl.cachesize 0""" if tls else ""
    config = stage.file(f"haproxy-{name}.cfg", f"""
global
  nbthread 1
  {"log stdout format raw local0" if log else ""}{options}
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
frontend front
  bind 127.0.0.1:{port} {bind}
{logging}{rules}
  default_backend okta
backend okta
  server okta 127.0.0.1:{stage.upstream}
""")
    return stage.run(f"haproxy-{name}", [find("haproxy"), "-db", "-f", config], port), port


ALLOWED = f"""
  acl reads method GET
  acl users path_reg {USERS}
  acl may_users var(txn.scopes) -m sub okta.users.read
  http-request deny deny_status 403 unless reads users may_users
  http-request set-header authorization "SSWS {OKTA_TOKEN}"
"""


def by_key(stage, keys):
    hashes = "".join(f"{hashlib.sha256(key.encode()).hexdigest()} bench:okta.users.read\n" for key in keys)
    listed = stage.file("keys.map", hashes)
    return f"""
  http-request set-var(txn.known) req.hdr(authorization),word(2,' '),sha2(256),hex,lower,map({listed})
  http-request deny deny_status 401 unless {{ var(txn.known) -m found }}
  http-request set-var(txn.scopes) var(txn.known),field(2,:)
{ALLOWED}"""


def by_token(stage, signing):
    public = stage.file("es256.pem", signing.public_pem())
    return f"""
  http-request set-var(txn.bearer) http_auth_bearer
  http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
  http-request deny deny_status 401 unless {{ var(txn.alg) -m str ES256 }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.alg,"{public}") -m int 1 }}
  http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 unless {{ var(txn.exp),sub(txn.now) -m int ge 0 }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_payload_query('$.iss') -m str {ISSUER} }}
  http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_payload_query('$.aud') -m str {AUDIENCE} }}
  http-request set-var(txn.known) var(txn.bearer),jwt_payload_query('$.sub')
  http-request set-var(txn.scopes) var(txn.bearer),jwt_payload_query('$.scope')
{ALLOWED}"""


def nginx_tls(stage):
    port = free_port()
    config = stage.file("nginx-tls.conf", stage.nginx("nginx-tls", f"""
  upstream okta {{ server 127.0.0.1:{stage.upstream}; keepalive 64; keepalive_requests 1000000000; keepalive_timeout 600s; }}
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate tls.crt; ssl_certificate_key tls.key; ssl_protocols TLSv1.3;
    ssl_session_cache off; ssl_session_tickets off;
    location / {{ proxy_pass http://okta; proxy_http_version 1.1; proxy_set_header Connection ''; }}
  }}"""))
    return stage.run("nginx-tls", [find("nginx"), "-p", str(stage.directory), "-c", config], port), port


TYPE = "type.googleapis.com/envoy"


def envoy_process(stage, envoy, name, filters, *, header=False, log=False, tls=False):
    port = free_port()
    host = {"name": "okta", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "okta", "timeout": "0s"}}]}
    if header:
        host["request_headers_to_add"] = [{
            "header": {"key": "authorization", "value": f"SSWS {OKTA_TOKEN}"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
        }]
    router = {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{TYPE}.extensions.filters.http.router.v3.Router"}}
    manager = {
        "@type": f"{TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "front",
        "generate_request_id": False, "route_config": {"virtual_hosts": [host]}, "http_filters": [*filters, router],
    }
    if log:
        fields = {"t": "%START_TIME%", "method": "%REQ(:METHOD)%", "path": "%REQ(:PATH)%", "status": "%RESPONSE_CODE%", "ms": "%DURATION%"}
        manager["access_log"] = [{"name": "file", "typed_config": {
            "@type": f"{TYPE}.extensions.access_loggers.file.v3.FileAccessLog", "path": f"{stage.directory}/{name}.access",
            "log_format": {"json_format": fields},
        }}]
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    if tls:
        chain["transport_socket"] = {"name": "tls", "typed_config": {
            "@type": f"{TYPE}.extensions.transport_sockets.tls.v3.DownstreamTlsContext", "disable_stateless_session_resumption": True,
            "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_3"},
                "tls_certificates": [{
                    "certificate_chain": {"filename": f"{stage.directory}/tls.crt"},
                    "private_key": {"filename": f"{stage.directory}/tls.key"},
                }],
            },
        }}
    endpoint = {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": stage.upstream}}}}
    config = stage.file(f"{name}.json", json.dumps({
        "layered_runtime": {"layers": [{"name": "static", "static_layer": {"re2.max_program_size.error_level": 1000}}]},
        "static_resources": {
            "listeners": [{"name": "front", "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
                           "filter_chains": [chain]}],
            "clusters": [{"name": "okta", "type": "STATIC", "connect_timeout": "5s",
                          "load_assignment": {"cluster_name": "okta", "endpoints": [{"lb_endpoints": [endpoint]}]}}],
        },
    }))
    command = [envoy, "-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "error"]
    return stage.run(name, command, port), port


def envoy_cached(stage, envoy, signing):
    provider = {
        "issuer": ISSUER, "audiences": [AUDIENCE], "forward": False, "local_jwks": {"inline_string": json.dumps(signing.jwks())},
        "payload_in_metadata": "claims", "jwt_cache_config": {"jwt_cache_size": 1000},
    }
    verify = {"name": "envoy.filters.http.jwt_authn", "typed_config": {
        "@type": f"{TYPE}.extensions.filters.http.jwt_authn.v3.JwtAuthentication", "providers": {"okta": provider},
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "okta"}}],
    }}
    reads = {"and_rules": {"rules": [
        {"header": {"name": ":method", "string_match": {"exact": "GET"}}},
        {"url_path": {"path": {"safe_regex": {"regex": USERS.strip("^$")}}}},
    ]}}
    scoped = {"metadata": {
        "filter": "envoy.filters.http.jwt_authn", "path": [{"key": "claims"}, {"key": "scope"}],
        "value": {"string_match": {"contains": "okta.users.read"}},
    }}
    allow = {"name": "envoy.filters.http.rbac", "typed_config": {
        "@type": f"{TYPE}.extensions.filters.http.rbac.v3.RBAC",
        "rules": {"action": "ALLOW", "policies": {"users": {"permissions": [reads], "principals": [scoped]}}},
    }}
    endless = {"max_tokens": 4_000_000_000, "tokens_per_fill": 4_000_000_000, "fill_interval": "1s"}
    limit = {"name": "envoy.filters.http.local_ratelimit", "typed_config": {
        "@type": f"{TYPE}.extensions.filters.http.local_ratelimit.v3.LocalRateLimit", "stat_prefix": "limit", "token_bucket": endless,
        "filter_enabled": {"default_value": {"numerator": 100}}, "filter_enforced": {"default_value": {"numerator": 100}},
    }}
    return envoy_process(stage, envoy, "envoy-cached", [verify, allow, limit], header=True, log=True)


def envoy_tls(stage, envoy):
    return envoy_process(stage, envoy, "envoy-tls", [], tls=True)


class Signer:
    """A key on P-256, and what it signs."""

    def __init__(self):
        from cryptography.hazmat.primitives.asymmetric import ec

        self.key = ec.generate_private_key(ec.SECP256R1())

    def public_pem(self):
        from cryptography.hazmat.primitives import serialization

        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def jwk(self):
        numbers = self.key.public_key().public_numbers()
        x, y = (encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def jwks(self):
        return {"keys": [self.jwk() | {"kid": "bench", "alg": "ES256", "use": "sig"}]}

    def sign(self, head, claims):
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        text = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
        r, s = utils.decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def token(self):
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "bench", "scope": "okta.users.read okta.groups.read", "iat": now, "exp": now + 86_400}
        return self.sign({"alg": "ES256", "kid": "bench", "typ": "at+jwt"}, claims)


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
