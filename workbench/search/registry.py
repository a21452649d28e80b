"""The searches by name."""

from importlib import import_module
from inspect import signature

from numpy.typing import ArrayLike

from workbench.errors import InputError, unknown
from workbench.search.base import Search
from workbench.search.setting import Setting

# Module and class, not the class itself: DEAP and BluePyOpt take 0.2 s to import.
ALGORITHMS: dict[str, tuple[str, str]] = {
    "ibea": ("workbench.search.ibea", "IBEA"),
    "nsga2": ("workbench.search.nsga2", "NSGA2"),
    "cma": ("workbench.search.cma_es", "CMAES"),
    "mo-cma": ("workbench.search.mo_cma", "MOCMA"),
    "random": ("workbench.search.uniform", "RandomSearch"),
}


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
) -> Search:
    """Return a new search.

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
    kind: type[Search] = getattr(import_module(module), name)
    allowed = [p.name for p in signature(kind).parameters.values() if p.kind is p.KEYWORD_ONLY]
    for option in options:
        if option not in allowed:
            raise InputError(unknown(f"option of the search {algorithm!r}", option, allowed))
    return kind(Setting(dimension, objectives, population, seed, initial, bounds), **options)
