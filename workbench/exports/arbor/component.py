"""A cable cell as Arbor's format (ACC) has it: S-expressions, a file a component."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from workbench.cells.recipe import PASSIVE
from workbench.exports.arbor.pieces import Piece, Pieces
from workbench.exports.model import Model
from workbench.mechanisms import combine

CATALOGUES: Mapping[str, str] = {
    **dict.fromkeys(("pas", "hh"), ""),
    **dict.fromkeys(
        (
            *("CaDynamics_E2", "Ca_HVA", "Ca_LVAst", "Ih", "Im", "K_Pst", "K_Tst", "NaTa_t"),
            *("NaTs2_t", "Nap_Et2", "SK_E2", "SKv3_1"),
        ),
        "BBP::",
    ),
}
"""The mechanisms that come with Arbor under NEURON's names: the prefix of their catalogue."""

RANGES: Mapping[str, Mapping[str, str]] = {
    "pas": {"g": "g"},
    "hh": {name: name for name in ("gnabar", "gkbar", "gl", "el")},
    "CaDynamics_E2": {"gamma": "gamma", "decay": "decay", "depth": "depth", "minCAI": "minCai"},
}
"""Their parameters that may vary along the cell, by NEURON's names; of others g<SUFFIX>bar may."""

GLOBALS: Mapping[str, tuple[str, ...]] = {"pas": ("e",), "Ih": ("ehcn",), "SK_E2": ("zTau",)}
"""Their parameters that are part of the mechanism's name."""

KELVIN = 273.15
PER_uF_per_cm2 = 0.01
"""Arbor's capacitances are in F/m2."""

VERSION = "0.10-dev"
ENDS = "segment-ends"

Segment = tuple[int, int]
Key = tuple[str, ...]


def ranges_of(suffix: str) -> Mapping[str, str]:
    """Return a mechanism's parameters that may vary along the cell, with Arbor's names."""
    return RANGES.get(suffix, {f"g{suffix}bar": f"g{suffix}bar"})


def parameters_of(suffix: str) -> tuple[str, ...]:
    """Return all parameters that a mechanism of Arbor's has, by NEURON's names."""
    return *ranges_of(suffix), *GLOBALS.get(suffix, ())


def variables(model: Model) -> dict[str, dict[Segment, float]]:
    """Return what is painted, by variable and segment; where two reach one, the later."""
    counts = model.recipe.segment_counts
    found: dict[str, dict[Segment, float]] = defaultdict(dict)
    for one in model.painted:
        for section, values in one.values.items():
            spread = np.broadcast_to(values, counts[section]).tolist()
            found[one.variable].update({(section, n): value for n, value in enumerate(spread)})
    return dict(found)


def components(model: Model, pieces: Pieces) -> dict[str, str]:
    """Return the texts of `morphology`, `labels` and `decor`, by these names.

    They are files of their own, since Arbor gives no part of a whole cell back, and currents are
    placed in the decor.
    """
    branches = [
        f"(branch {number} {parent} {' '.join(map(_segment, branch))})"
        for number, (parent, branch) in enumerate(pieces.branches())
    ]
    ends = " ".join(f"(distal (segment {one[-1]}))" for one in pieces.of.values())
    starts = " ".join(f"(proximal (segment {one[0]}))" for one in pieces.of.values())
    names = {"soma": 1, "axon": 2, "dend": 3, "apic": 4}
    labels = [f'(region-def "{name}" (tag {tag}))' for name, tag in names.items()]
    labels.append(f'(locset-def "{ENDS}" (join {starts} {ends}))')
    return {
        "morphology": _component("morphology", branches),
        "labels": _component("label-dict", labels),
        "decor": _component("decor", _decor(model, pieces)),
    }


def _component(kind: str, lines: Iterable[str]) -> str:
    inner = "\n".join(f"   {line}" for line in lines)
    return f'(arbor-component\n (meta-data (version "{VERSION}"))\n ({kind}\n{inner}))\n'


def _segment(piece: Piece) -> str:
    begin, end = (" ".join(map(repr, one.tolist())) for one in (piece.begin, piece.end))
    return f"(segment {piece.number} (point {begin}) (point {end}) {piece.tag})"


def _decor(model: Model, pieces: Pieces) -> Iterator[str]:
    recipe, found = model.recipe, variables(model)
    pool = combine(recipe.mechanisms)
    used = [pool[suffix] for suffix in sorted(recipe.suffixes)]
    yield f"(default (membrane-potential {recipe.v_init_mV!r} (scalar 1)))"
    yield f"(default (temperature-kelvin {recipe.celsius_degC + KELVIN!r} (scalar 1)))"
    yield f"(default (membrane-capacitance {PASSIVE['cm'] * PER_uF_per_cm2!r} (scalar 1)))"
    yield f"(default (axial-resistivity {PASSIVE['Ra']!r} (scalar 1)))"
    for ion in ("na", "k", "ca"):
        if any(f"{ion}i" in one.writes for each in used for one in each.ions if one.name == ion):
            yield f'(default (ion-reversal-potential-method "{ion}" (mechanism "nernst/x={ion}")))'
    words = {
        "cm": ("membrane-capacitance", PER_uF_per_cm2),
        "Ra": ("axial-resistivity", 1.0),
        **{f"e{ion}": (f'ion-reversal-potential "{ion}"', 1.0) for ion in ("na", "k", "ca")},
    }
    for variable, (word, factor) in words.items():
        for value, segments in _alike(found.get(variable, {})).items():
            where = _region(segments, pieces)
            yield f"(paint {where} ({word} {value * factor!r} (scalar 1)))"
    for suffix in dict.fromkeys(suffix for _, suffix in recipe.inserted):
        yield from _density(model, pieces, suffix, found)


def _density(
    model: Model, pieces: Pieces, suffix: str, found: Mapping[str, Mapping[Segment, float]]
) -> Iterator[str]:
    """Yield a mechanism for each set of its parameters, in the segments that have that set."""
    recipe = model.recipe
    sections = {
        section
        for region, inserted in recipe.inserted
        if inserted == suffix
        for section in recipe.morphology.indices(region)
    }
    ranges, fixed = ranges_of(suffix), GLOBALS.get(suffix, ())
    declared = combine(recipe.mechanisms)[suffix].parameters
    defaults = {name: declared[f"{name}_{suffix}"].default for name in parameters_of(suffix)}
    alike: dict[Key, list[Segment]] = defaultdict(list)
    for segment in (one for one in pieces.of if one[0] in sections):
        given = {
            name: found.get(f"{name}_{suffix}", {}).get(segment, default)
            for name, default in defaults.items()
        }
        behind = ",".join(f"{name}={given[name]!r}" for name in fixed)
        name = CATALOGUES[suffix] + suffix + f"/{behind}" * bool(behind)
        alike[name, *(f'("{ranges[n]}" {given[n]!r})' for n in ranges)].append(segment)
    for (name, *values), segments in alike.items():
        mechanism = " ".join([f'(mechanism "{name}"', *values])
        yield f"(paint {_region(segments, pieces)} (density {mechanism})))"


def _alike(values: Mapping[Segment, float]) -> dict[float, list[Segment]]:
    found: dict[float, list[Segment]] = defaultdict(list)
    for segment, value in values.items():
        found[value].append(segment)
    return found


def _region(segments: Iterable[Segment], pieces: Pieces) -> str:
    """Return a region in as few words as there are: all, whole tags, and pieces one by one."""
    numbers = {number for segment in segments for number in pieces.of[segment]}
    if len(numbers) == len(pieces.pieces):
        return "(all)"
    words: list[str] = []
    for tag in sorted({piece.tag for piece in pieces.pieces}):
        whole = {piece.number for piece in pieces.pieces if piece.tag == tag}
        if whole <= numbers:
            words.append(f"(tag {tag})")
            numbers -= whole
    words += [f"(segment {number})" for number in sorted(numbers)]
    return _joined(words)


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"(join {' '.join(words)})"
