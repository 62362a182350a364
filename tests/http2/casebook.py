"""The list of cases. A case has a section, a sentence that says what is expected, and a function over a fresh connection."""

import dataclasses


@dataclasses.dataclass
class Case:
    section: str
    says: str
    run: object
    how: dict
    values: dict


ALL = []
HOW = ("greet", "initial", "alpn")


def case(section, says, **more):
    """Adds a case; `more` is how to connect, and values for the function."""
    how = {name: more.pop(name) for name in HOW if name in more}

    def add(function):
        ALL.append(Case(section, says, function, how, more))
        return function
    return add
