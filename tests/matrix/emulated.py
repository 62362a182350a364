"""Reads an emulated org directly: people, groups and apps whose ids paths are filled with."""

import json
import sys
import urllib.request

from catalogue import NOBODY_KNOWS
from things import Org, Thing


def read_org(url, token):
    """What the emulated org holds, asked directly."""
    def get(path):
        request = urllib.request.Request(f"{url}{path}", headers={"Authorization": f"SSWS {token}", "Accept": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def admin(person):
        return bool(get(f"/api/v1/users/{person['id']}/roles"))

    def member_of(person):
        return frozenset(group["id"] for group in get(f"/api/v1/users/{person['id']}/groups"))

    administrators = {person["id"] for person in get("/api/v1/iam/assignees/users?limit=200")["value"]}
    people = get("/api/v1/users?limit=200")
    groups = [group for group in get("/api/v1/groups?limit=200") if group["type"] == "OKTA_GROUP"]
    roles = {group["id"]: get(f"/api/v1/groups/{group['id']}/roles") for group in groups}
    with_roles = next((group for group in groups if roles[group["id"]]), None)
    if with_roles is None:
        sys.exit("matrix: the emulated org has no group that grants a role")
    chief = next(person for person in people if person["id"] in administrators and admin(person))
    plain = next(person for person in people
                 if person["id"] not in administrators and not admin(person) and any(group["id"] in member_of(person) for group in groups))
    club = next(group for group in groups if group["id"] in member_of(plain) and not roles[group["id"]])
    apps = get("/api/v1/apps?limit=20")
    linked = [one["primary"]["name"] for one in get("/api/v1/meta/schemas/user/linkedObjects")]
    unknown = {kind: Thing(NOBODY_KNOWS, kind) for kind in ("User", "Group", "App")}
    own = [role for role in get(f"/api/v1/users/{chief['id']}/roles")]
    return Org(
        people=[Thing(chief["id"], "User", admin=True, groups=member_of(chief)),
                Thing(plain["id"], "User", groups=member_of(plain)), unknown["User"]],
        groups=[Thing(with_roles["id"], "Group", grants_roles=True), Thing(club["id"], "Group"), unknown["Group"]],
        apps=[Thing(apps[0]["id"], "App", label=apps[0]["label"]), Thing(apps[1]["id"], "App", label=apps[1]["label"]), unknown["App"]],
        role_of_person=own[0]["id"], role_of_group=roles[with_roles["id"]][0]["id"],
        policy=get("/api/v1/policies?type=ACCESS_POLICY")[0]["id"], linked=linked[0] if linked else NOBODY_KNOWS)
