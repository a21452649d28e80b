"""final.json: the best parameters of each e-model and seed, as published sets of a study."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from workbench.imports.bluepyemodel.model import Model
from workbench.imports.source import Foreign, tables


class _Best(Foreign):
    emodel: str | None = None
    seed: int | str | None = None
    score: float | None = None
    parameters: dict[str, float] = Field(default_factory=dict)
    params: dict[str, float] = Field(default_factory=dict)


def read_final(path: Path, name: str, model: Model) -> tuple[dict[str, Any], list[str]]:
    """Return the sets of an e-model under their names, and a sentence for each that does not fit.

    Raises
    ------
    InputError
        If the file has mistakes.
    """
    bests: dict[str, _Best] = tables(path, dict[str, _Best])
    published, left = {}, []
    for key, one in bests.items():
        if (one.emodel or key.partition("__")[0]) != name:
            continue
        values = one.parameters or one.params
        unlike = sorted(model.free.keys() ^ (values.keys() - set(model.unused)))
        if unlike:
            left.append(
                f"{path.name}: the set {key} has other parameters than those that are free "
                f"({', '.join(unlike[:4])}{' ...' * (len(unlike) > 4)}). It is left out."
            )
            continue
        score = "" if one.score is None else f", sum of scores {one.score:g}"
        seed = "" if one.seed is None else f", seed {one.seed}"
        published[key] = {"source": f"{path.name}{seed}{score}", "values": _sets(values, model)}
    return published, left


def _sets(values: Mapping[str, float], model: Model) -> dict[str, dict[str, float]]:
    """Return values by region and parameter."""
    found: dict[str, dict[str, float]] = {}
    for full_name, (region, parameter) in model.free.items():
        found.setdefault(region, {})[parameter] = values[full_name]
    return found
