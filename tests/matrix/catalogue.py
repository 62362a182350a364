"""Okta's operations as the committed index states them, and the scopes they need."""

import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OPERATIONS = [json.loads(line) for line in (ROOT / "okta" / "operations.jsonl").read_text().splitlines()]
SCOPES = sorted({scope for operation in OPERATIONS for scope in operation.get("scopes", [])})
READS = [scope for scope in SCOPES if scope.endswith(".read")]

# Answered by the gateway itself, whoever asks.
OWN = {"/oauth2/v1/token", "/oauth2/v1/introspect", "/oauth2/v1/revoke", "/oauth2/v1/keys",
       "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"}
NOBODY_KNOWS = "00xMatrixNobody00001"
