"""The policies of the matrix: the text the program gets, and beside it what the oracle takes it to mean."""

import dataclasses

from things import subject


@dataclasses.dataclass
class Policy:
    name: str
    text: str
    effect: str
    whose: str                                    # client or team, "" for everyone
    concerns: object                              # operation -> bool: action and type of resource
    looks: object = None                          # (thing, ask) -> bool; None: always
    objects: bool = False                         # whether it looks at objects
    shadow: bool = False


def writes(operation):
    return operation["kind"] not in ("read", "protocol")


def needs(scope):
    return lambda operation: scope in operation.get("scopes", [])


def every(*tests):
    return lambda operation: all(test(operation) for test in tests)


def on(kind):
    return lambda operation: subject(operation["path"]) == kind


def policies(org):
    club, label = org.groups[1].id, org.apps[1].label
    return [
        Policy("by-scope", 'permit (principal == Client::"by-scope", action in Action::"okta.users.read", resource);',
               "permit", "by-scope", needs("okta.users.read")),
        Policy("by-kind", 'permit (principal in Team::"auditors", action in Action::"read", resource);',
               "permit", "auditors", lambda operation: operation["kind"] == "read"),
        Policy("plain-people", 'permit (principal == Client::"plain-people", action in Action::"write", resource is User)\n'
               'unless { resource.admin };', "permit", "plain-people", every(writes, on("User")),
               lambda thing, ask: not thing.admin, objects=True),
        Policy("club", f'permit (principal == Client::"club", action, resource is User in Group::"{club}");',
               "permit", "club", on("User"), lambda thing, ask: club in thing.groups, objects=True),
        Policy("one-label", f'permit (principal == Client::"one-label", action, resource is App)\n'
               f'when {{ resource.label == "{label}" }};', "permit", "one-label", on("App"),
               lambda thing, ask: thing.label == label, objects=True),
        Policy("spare-admins", 'forbid (principal in Team::"careful", action in Action::"write", resource is User)\n'
               'when { resource.admin };', "forbid", "careful", every(writes, on("User")),
               lambda thing, ask: thing.admin, objects=True),
        Policy("spare-roles", 'forbid (principal in Team::"careful", action in Action::"write", resource is Group)\n'
               'when { resource.grantsRoles };', "forbid", "careful", every(writes, on("Group")),
               lambda thing, ask: thing.grants_roles, objects=True),
        Policy("no-privilege", 'forbid (principal == Client::"no-privilege", action in [Action::"privilege", Action::"secret"], resource);',
               "forbid", "no-privilege", lambda operation: {"privilege", "secret"} & set(operation["risk"])),
        Policy("no-deletes", 'forbid (principal, action in Action::"delete", resource is Group);',
               "forbid", "", every(lambda operation: operation["kind"] == "delete", on("Group"))),
        Policy("at-home", 'permit (principal in Team::"placed", action in Action::"okta.groups.read", resource)\n'
               'when { context has source && context.source.isInRange(ip("127.0.2.0/24")) };', "permit", "placed",
               needs("okta.groups.read"), lambda thing, ask: ask.caller.source.startswith("127.0.2.")),
        Policy("in-time", 'permit (principal in Team::"timed", action in Action::"okta.users.read", resource)\n'
               'when { context.now < datetime("2100-01-01") };', "permit", "timed", needs("okta.users.read"), lambda thing, ask: True),
        Policy("too-late", 'permit (principal in Team::"timed", action in Action::"okta.groups.read", resource)\n'
               'when { context.now < datetime("2001-01-01") };', "permit", "timed", needs("okta.groups.read"), lambda thing, ask: False),
        Policy("no-passwords", 'forbid (principal in Team::"bodies", action in Action::"write", resource)\n'
               'when { context.fields.contains("credentials.password") };', "forbid", "bodies", writes,
               lambda thing, ask: ask.fields("credentials.password")),
        Policy("try-out", '@shadow("to see") forbid (principal == Client::"tried", action in Action::"okta.users.manage", resource);',
               "forbid", "tried", needs("okta.users.manage"), shadow=True),
    ]
