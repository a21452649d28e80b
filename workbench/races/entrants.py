"""Which searches run against one another, and how large each is."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import InputError, unknown
from workbench.search import ALGORITHMS


@dataclass(frozen=True)
class Entrant:
    """A search and its population."""

    algorithm: str
    population: int

    @property
    def name(self) -> str:
        """Its name in tables, figures and folders: `ibea-20`."""
        return f"{self.algorithm}-{self.population}"


def entrants_of(given: Sequence[str] | None, population: int) -> tuple[Entrant, ...]:
    """Return the searches that were asked for, each once.

    Parameters
    ----------
    given
        Names, with a population behind a colon where it is not the study's: `ibea`, `ibea:100`.
        None is all that there are.
    population
        That of the study.

    Raises
    ------
    InputError
        If there is no such search, or a population is no number.
    """
    found = dict.fromkeys(_entrant(one, population) for one in given or ALGORITHMS)
    return tuple(found)


def _entrant(text: str, population: int) -> Entrant:
    name, colon, size = text.strip().partition(":")
    if name not in ALGORITHMS:
        raise InputError(unknown("search algorithm", name, ALGORITHMS))
    if not colon:
        return Entrant(name, population)
    if not (size.isascii() and size.isdecimal()):
        raise InputError(f"{text!r} is no search with its population; write {name}:20")
    return Entrant(name, int(size))
