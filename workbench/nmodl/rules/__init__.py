"""What breaks a .mod file elsewhere: one small function a rule.

A new rule is a function from `ModFile` to remarks with `@rule` above it, in one of the files
named below.
"""

from workbench.nmodl.rules import (  # noqa: F401 - importing them registers their rules
    events,
    foreign,
    gates,
    integration,
    names,
    sharing,
    singularities,
    tables,
    timing,
    units,
    unread,
)
