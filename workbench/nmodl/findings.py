"""What a lint says, and the registry of its rules."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from workbench.nmodl.modfile import ModFile

Affected = Literal["coreneuron", "threads", "cvode", "neuron9", "result", "speed"]

Remark = tuple[int, str, str]
"""The line, what is there, and what to write instead."""

Check = Callable[[ModFile], Iterable[Remark]]


@dataclass(frozen=True, order=True)
class Finding:
    """Something in a .mod file that will break or be wrong.

    Attributes
    ----------
    file
        Name of the file in its folder.
    line
        Counted from 1; 0 where the fault has no line.
    rule
        Name of the rule, as `: lint: accept RULE - REASON` takes it.
    affects
        Where it matters: CoreNEURON, threads, CVODE, NEURON 9, the result in every engine, or
        only the speed; empty for a fault of an acceptance.
    message
        What is there.
    advice
        What to write instead.
    accepted
        The reason that a comment in the file gives for leaving it, or "".
    """

    file: str
    line: int
    rule: str
    affects: tuple[Affected, ...]
    message: str
    advice: str
    accepted: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what its findings affect, and the function that looks for them."""

    name: str
    affects: tuple[Affected, ...]
    check: Check

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (self.check.__doc__ or "").partition("\n")[0]


RULES: dict[str, Rule] = {}
"""All rules by name; `rule` fills it."""


def rule(name: str, *affects: Affected) -> Callable[[Check], Check]:
    """Register a function from a file to remarks as a rule."""

    def register(check: Check) -> Check:
        RULES[name] = Rule(name, affects, check)
        return check

    return register
