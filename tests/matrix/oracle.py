"""What must come of a call, said from the callers' and policies' statements alone."""

import dataclasses

from callers import Caller
from things import Thing


@dataclasses.dataclass
class Ask:
    caller: Caller
    operation: dict
    thing: Thing
    known: bool
    path: str

    def body(self):
        media = (self.operation.get("body") or {}).get("media", ["application/json"])
        return self.caller.body if self.operation.get("body") and "application/json" in media else None

    def fields(self, path):
        at = self.body()
        for name in path.split("."):
            if not isinstance(at, dict) or name not in at:
                return False
            at = at[name]
        return True


@dataclasses.dataclass
class Expected:
    passes: bool
    reason: str = ""
    details: dict = dataclasses.field(default_factory=dict)


def lacks(scopes, operations, operation):
    """Why a bound of scopes and named operations does not reach an operation; none: it does."""
    if operations is not None and operation["id"] not in operations:
        return "operation_not_listed"
    if operations is None and not operation.get("scopes"):
        return "operation_by_name_only"
    return "missing_scope" if set(operation.get("scopes", [])) - set(scopes) else None


def expected(ask, all_policies):
    """What must come of it. A policy that forbids is final; then bound and permits, which elevation and shadow mode lift."""
    caller, operation = ask.caller, ask.operation
    if operation["kind"] == "protocol":
        return Expected(False, "protocol_switched_off")
    own = [policy for policy in all_policies
           if policy.whose in ("", caller.name, *caller.teams) and policy.concerns(operation)]
    forbids = [policy for policy in own if policy.effect == "forbid" and not policy.shadow]
    permits = [policy for policy in own if policy.effect == "permit"]
    if any(policy.looks is None for policy in forbids):
        return Expected(False, "forbidden_by_policy")
    bound = lacks(caller.scopes, caller.operations, operation)
    if bound is None and caller.narrowed is not None:
        bound = lacks(caller.narrowed, None, operation)
    registered = not caller.by_policy and registration(caller, operation)
    objection = bound or (None if registered or permits else "no_policy_permits")
    lift = lifted(caller, operation, objection)
    if objection and lift is None:
        return Expected(False, objection)
    needed = [policy for policy in forbids + permits if policy.objects]
    settled = registered or any(policy.looks is None for policy in permits)
    if any(policy.effect == "forbid" or not settled for policy in needed) and not ask.known:
        return Expected(False, "unknown_object")
    if any(policy.looks(ask.thing, ask) for policy in forbids):
        return Expected(False, "forbidden_by_policy")
    granting = [policy.name for policy in permits if policy.looks is None or policy.looks(ask.thing, ask)]
    if not objection and not registered and not granting:
        objection = "no_policy_permits"
        lift = lifted(caller, operation, objection)
        if lift is None:
            return Expected(False, objection)
    if objection:
        return Expected(True, details=lift)
    details = {"policies": ", ".join(granting)} if granting else {}
    shadows = [policy.name for policy in own if policy.shadow]
    if shadows:
        details["would_forbid"] = ", ".join(shadows)
    return Expected(True, details=details)


def registration(caller, operation):
    """Whether the registration itself permits, within the bound: its operations, or whatever its scopes reach."""
    return operation["id"] in caller.operations if caller.operations is not None else \
        bool(operation.get("scopes")) and not set(operation["scopes"]) - set(caller.scopes)


def lifted(caller, operation, objection):
    if caller.elevated and lacks(caller.elevated, None, operation) is None:
        return {"elevation": caller.elevation}
    return {"would_refuse": objection} if caller.shadow else None
