"""Values as they would be if their classes had been given another field."""

from dataclasses import fields, is_dataclass, make_dataclass, replace


def grown(value, added):
    """Return the value as if its class had been given another field."""
    kind = type(value)
    larger = make_dataclass(kind.__name__, [added], bases=(kind,), frozen=True, eq=False)
    return larger(**{f.name: getattr(value, f.name) for f in fields(value)})


def everywhere(value, added):
    """Return a problem, or a part of one, whose values all have another field."""
    if isinstance(value, tuple):
        return tuple(everywhere(part, added) for part in value)
    if not is_dataclass(value):
        return value
    parts = {f.name: everywhere(getattr(value, f.name), added) for f in fields(value)}
    return grown(replace(value, **parts), added)
