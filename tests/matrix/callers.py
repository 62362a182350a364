"""The callers of the matrix: what each was given."""

import dataclasses

from catalogue import OPERATIONS, READS, SCOPES


@dataclasses.dataclass
class Caller:
    name: str
    scopes: list
    operations: list = None
    by_policy: bool = False
    teams: list = dataclasses.field(default_factory=list)
    eligible: list = dataclasses.field(default_factory=list)
    elevated: list = dataclasses.field(default_factory=list)
    shadow: bool = False
    refused: set = None                           # reasons for which it is not even identified
    narrowed: list = None                         # scopes of its token
    body: dict = dataclasses.field(default_factory=dict)
    source: str = ""
    authorization: str = None
    id: str = None
    elevation: str = None


BY_NAME = [operation["id"] for operation in OPERATIONS if not operation.get("scopes") and operation["kind"] != "protocol"][:60] + \
          ["getUser", "listUsers", "deleteUser", "listGroups", "deleteGroup"]
USERS, GROUPS = ["okta.users.manage", "okta.users.read"], ["okta.groups.manage", "okta.groups.read"]
PASSWORD = {"credentials": {"password": {"value": "matrix"}}}


def callers():
    """All of them; those that are refused at the door first."""
    guessed = {"malformed_credential", "unknown_credential", "throttled_source"}
    return [
        Caller("nobody", [], refused={"no_credential"}),
        Caller("malformed", [], refused=guessed),
        Caller("twisted", USERS, refused=guessed),
        Caller("expired", SCOPES, refused={"expired_credential"}),
        Caller("idle", SCOPES, refused={"idle_credential"}),
        Caller("revoked", SCOPES, refused={"revoked_credential"}),
        Caller("disabled", SCOPES, refused={"disabled_client"}),
        Caller("elsewhere", SCOPES, refused={"credential_of_other_network"}),
        Caller("foreigner", SCOPES, refused={"credential_of_other_org"}),
        Caller("unproven", SCOPES, refused={"unproven_possession"}),
        Caller("revoked-token", SCOPES, refused={"revoked_credential"}),
        Caller("everything", SCOPES),
        Caller("reader", READS),
        Caller("people", USERS),
        Caller("one-scope", ["okta.users.read"]),
        Caller("by-name", SCOPES, operations=BY_NAME),
        Caller("by-name-poor", ["okta.users.read"], operations=BY_NAME),
        Caller("token", USERS + GROUPS, narrowed=["okta.users.read", "okta.groups.manage"]),
        Caller("silent", SCOPES, by_policy=True),
        Caller("by-scope", SCOPES, by_policy=True),
        Caller("auditor", SCOPES, by_policy=True, teams=["auditors"]),
        Caller("auditor-poor", USERS, by_policy=True, teams=["auditors"]),
        Caller("plain-people", SCOPES, by_policy=True),
        Caller("club", SCOPES, by_policy=True),
        Caller("one-label", SCOPES, by_policy=True),
        Caller("careful", SCOPES, teams=["careful"]),
        Caller("no-privilege", SCOPES),
        Caller("at-home", SCOPES, by_policy=True, teams=["placed"], source="127.0.2.1"),
        Caller("abroad", SCOPES, by_policy=True, teams=["placed"], source="127.0.3.1"),
        Caller("timed", SCOPES, by_policy=True, teams=["timed"]),
        Caller("with-password", SCOPES, teams=["bodies"], body=PASSWORD),
        Caller("without-password", SCOPES, teams=["bodies"], body={"profile": {"nickName": "matrix"}}),
        Caller("tried", USERS),
        Caller("eligible", ["okta.users.read"], eligible=GROUPS),
        Caller("elevated", ["okta.users.read"], eligible=GROUPS, elevated=GROUPS),
        Caller("elevated-with-password", ["okta.apps.read"], by_policy=True, teams=["bodies"], eligible=USERS, elevated=USERS,
               body=PASSWORD),
        Caller("elevated-careful", ["okta.apps.read"], by_policy=True, teams=["careful"], eligible=USERS + GROUPS, elevated=USERS + GROUPS),
        Caller("shadowed", ["okta.users.read"], shadow=True),
        Caller("shadowed-careful", ["okta.users.read"], by_policy=True, teams=["careful"], shadow=True),
        Caller("no-longer-shadowed", ["okta.users.read"]),
    ]
