"""What a path names, for the three types of objects that the policies of the matrix look at."""

import dataclasses
import re

from catalogue import NOBODY_KNOWS


@dataclasses.dataclass(frozen=True)
class Thing:
    """An object as the oracle states it."""
    id: str
    type: str
    admin: bool = False
    grants_roles: bool = False
    groups: frozenset = frozenset()
    label: str = ""


@dataclasses.dataclass
class Org:
    """The objects whose ids paths are filled with, read from the emulated org directly."""
    people: list
    groups: list
    apps: list
    role_of_person: str
    role_of_group: str
    policy: str
    linked: str

    def variants(self, kind):
        return {"User": self.people, "Group": self.groups, "App": self.apps}.get(kind, [None])


FIRSTS = {"/api/v1/users": "User", "/webauthn-registration/api/v1/users": "User", "/governance/api/v2/catalogs/default/user": "User",
          "/api/v1/groups": "Group", "/api/v1/apps": "App", "/api/v1/directories": "App", "/api/v1/meta/schemas/apps": "App",
          "/oauth2/v1/clients": "App"}


def subject(template):
    """The type of the first object in a path: the resource of a policy. Types no policy here looks at are none."""
    return FIRSTS.get(template.partition("/{")[0]) if "/{" in template else None


def fill(operation, thing, org):
    """The path with values, and whether all objects in it that a backup keeps are known."""
    known, values, before = True, [], ""
    for segment in operation["path"].split("/")[1:]:
        if not segment.startswith("{"):
            before = before + "/" + segment
            values.append(segment)
            continue
        name = segment.strip("{}")
        value, is_known = value_of(before, name, thing, org)
        known &= is_known
        values.append(value)
        before += "/{}"
    return "/" + "/".join(values), known


def value_of(before, name, thing, org):
    person, group, app = org.people[1].id, org.groups[1].id, org.apps[1].id
    if before in FIRSTS and name == "appName":
        return "matrix_app", True
    if before in FIRSTS or before == "/api/v1/apps/{}":
        return (thing.id, thing.id != NOBODY_KNOWS) if thing else (NOBODY_KNOWS, False)
    if re.fullmatch(r"/api/v1/(groups|apps)/\{\}/users", before):
        return person, True
    if before in ("/api/v1/apps/{}/groups", "/api/v1/directories/{}/groups") or before.endswith("/targets/groups"):
        return group, True
    if before.endswith("/catalog/apps") and name == "appName":
        return "matrix_app", True
    if before.endswith("/catalog/apps/{}") or before.endswith("/interclient-allowed-apps") or before == "/api/v1/users/{}/clients":
        return app, True
    if before == "/api/v1/apps/{}/policies":
        return org.policy, True
    if before == "/api/v1/users/{}/roles":
        return org.role_of_person, thing is not None and thing.admin
    if before == "/api/v1/groups/{}/roles":
        return org.role_of_group, thing is not None and thing.grants_roles
    if before == "/api/v1/users/{}/linkedObjects":
        return org.linked, org.linked != NOBODY_KNOWS
    if before == "/api/v1/users/{}/linkedObjects/{}":
        return person, True
    # Kept by backups, and not of this id; the rest is never kept, and known by its id alone.
    kept = {"/api/v1/apps/{}/federated-claims", "/api/v1/apps/{}/grants", "/api/v1/apps/{}/group-push/mappings",
            "/oauth2/v1/clients/{}/roles"}
    return "matrix0000000000001", before not in kept
