"""Searches over the unit cube: ask for a population, tell its scores, store the state as numbers.

    search = make_search("ibea", dimension=20, objectives=35, population=100, seed=1)
    for _ in range(generations):
        rows = search.ask()                 # (100, 20), every number in [0, 1], read-only
        search.tell(rows, evaluate(rows))   # (100, 35), lower is better

A search knows nothing of cells, parameters or units. It never stops by itself: the caller fixes
the number of generations. `pack_state(search.state())` may be stored after every `tell`; a search
made with the same arguments goes on from it bit for bit after `restore`.

An asynchronous search (`steady`) proposes and is told rows one by one, in any order.

A new search is one file with a subclass of `Search` or `SteadySearch` and one line in `registry`.
DEAP and BluePyOpt are imported when a search that uses them is made.
"""

from workbench.search.base import Search, State
from workbench.search.registry import (
    ALGORITHMS,
    GENERATIONAL,
    RACING,
    STEADY,
    AnySearch,
    make_search,
)
from workbench.search.setting import Setting, whole
from workbench.search.state import pack_state, unpack_state
from workbench.search.steady import SteadySearch

__all__ = [
    "ALGORITHMS",
    "GENERATIONAL",
    "RACING",
    "STEADY",
    "AnySearch",
    "Search",
    "Setting",
    "State",
    "SteadySearch",
    "make_search",
    "pack_state",
    "unpack_state",
    "whole",
]
