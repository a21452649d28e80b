"""The page of features, searches and lint rules has them all."""

import inspect
from importlib import import_module

import pytest
import registries

from workbench.features import own_features
from workbench.nmodl import RULES, lint  # noqa: F401 - linting registers the rules
from workbench.search import ALGORITHMS

PAGE = registries.page()


def test_all_are_named():
    assert all(f"\n| `{name}` | " in PAGE for name in [*own_features(), *RULES])
    assert all(f"\n### {name}\n" in PAGE for name in ALGORITHMS)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_option_of_a_search_is_under_it(algorithm):
    module, name = ALGORITHMS[algorithm]
    parameters = inspect.signature(getattr(import_module(module), name)).parameters.values()
    below = PAGE.partition(f"\n### {algorithm}\n")[2].partition("\n##")[0]
    for option in parameters:
        if option.kind is option.KEYWORD_ONLY:
            assert f"| `{option.name}` | `{option.default:g}` | " in below
