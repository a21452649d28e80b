"""The searches by name."""

from importlib import import_module
from inspect import signature

from numpy.typing import ArrayLike

from workbench.errors import InputError, unknown
from workbench.search.base import Search
from workbench.search.setting import Setting
from workbench.search.steady import SteadySearch

AnySearch = Search | SteadySearch
"""A search of either kind."""

# Module and class, not the class itself: DEAP and BluePyOpt take 0.2 s to import.
GENERATIONAL: dict[str, tuple[str, str]] = {
    "ibea": ("workbench.search.ibea", "IBEA"),
    "nsga2": ("workbench.search.nsga2", "NSGA2"),
    "truncation": ("workbench.search.truncation", "Truncation"),
    "cma": ("workbench.search.cma_es", "CMAES"),
    "mo-cma": ("workbench.search.mo_cma", "MOCMA"),
    "screened": ("workbench.search.screened", "ScreenedMOCMA"),
    "gp": ("workbench.search.gp", "GPSearch"),
    "random": ("workbench.search.uniform", "RandomSearch"),
}
"""Module and class of the searches that go by generations, by name."""

STEADY: dict[str, tuple[str, str]] = {
    "steady-ibea": ("workbench.search.steady_ibea", "SteadyIBEA"),
}
"""Module and class of those that wait for no generation, by name."""

RACING = ("truncation",)
"""The names of those that know a sum above which a row changes nothing: `Search.beaten_above`."""

ALGORITHMS = GENERATIONAL | STEADY
"""Module and class of all searches, by name."""


def make_search(
    algorithm: str,
    dimension: int,
    objectives: int,
    population: int,
    seed: int,
    *,
    initial: ArrayLike | None = None,
    bounds: ArrayLike | None = None,
    **options: float,
) -> AnySearch:
    """Return a new search: a `Search` for names in `GENERATIONAL`, a `SteadySearch` in `STEADY`.

    Parameters
    ----------
    algorithm : str
        A name in `ALGORITHMS`.
    dimension, objectives, population, seed, initial, bounds
        See `Setting`.
    options
        The keyword arguments of the algorithm's class.

    Raises
    ------
    InputError
        If the algorithm or an option is unknown, or a value is out of range.
    """
    if algorithm not in ALGORITHMS:
        raise InputError(unknown("search algorithm", algorithm, ALGORITHMS))
    module, name = ALGORITHMS[algorithm]
    kind: type[Search] | type[SteadySearch] = getattr(import_module(module), name)
    allowed = [p.name for p in signature(kind).parameters.values() if p.kind is p.KEYWORD_ONLY]
    for option in options:
        if option not in allowed:
            raise InputError(unknown(f"option of the search {algorithm!r}", option, allowed))
    return kind(Setting(dimension, objectives, population, seed, initial, bounds), **options)
