"""The verbs below `mechanisms` and `morphology`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from workbench.builds import build, trust
from workbench.cli.fetching import fetch_shown
from workbench.cli.options import pairs
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import MechanismError, MorphologyError, unknown
from workbench.mechanisms import BUILT_IN, read_mechanisms, shipped_mechanisms
from workbench.morphology import (
    REGIONS,
    Kind,
    SomaModel,
    known_cells,
    load_morphology,
    resolve,
)
from workbench.morphology import check_morphology as oddities_of
from workbench.nmodl import lint


def list_mechanisms(folder: str | None, as_json: bool) -> None:
    """List the mechanisms of one folder, or of all sets that ship."""
    names = [folder] if folder is not None else list(shipped_mechanisms())
    rows: list[dict[str, Any]] = []
    for one in map(read_mechanisms, names):
        for mechanism in one.mechanisms:
            rows.append(
                {
                    "set": one.name,
                    "mechanism": mechanism.suffix,
                    "kind": mechanism.kind,
                    "parameters": {n: p.default for n, p in mechanism.parameters.items()},
                    "states": list(mechanism.states),
                    "ions": [ion.name for ion in mechanism.ions],
                }
            )
    if as_json:
        print_json(rows)
        return
    cells = [
        [
            str(row["set"]),
            str(row["mechanism"]),
            str(row["kind"]),
            " ".join(row["ions"]),
            " ".join(row["states"]),
            " ".join(f"{n}={v:g}" for n, v in row["parameters"].items()),
        ]
        for row in rows
    ]
    print_table(["set", "mechanism", "kind", "ions", "states", "parameters"], cells)


def build_mechanisms(
    folders: list[str], coreneuron: bool, flags: str, trusted: bool, as_json: bool
) -> None:
    """Compile folders, each set on its own unless several are named together."""
    groups = [folders] if folders else [[name] for name in shipped_mechanisms()]
    built = []
    for group in groups:
        sets = [read_mechanisms(folder) for folder in group]
        if trusted:
            trust(sets)
        one = build(sets, coreneuron=coreneuron, flags=flags, report=notes.print)
        built.append({"sets": [s.name for s in sets], "library": str(one.library)})
    if as_json:
        print_json(built)
    else:
        for entry in built:
            console.print(f"{' '.join(entry['sets'])}: {entry['library']}")


def lint_mechanisms(folder: str, as_json: bool) -> None:
    """Print the findings of a folder.

    Raises
    ------
    MechanismError
        If there is a finding that no comment in its file accepts.
    """
    findings = lint(folder)
    open_ones = [finding for finding in findings if not finding.accepted]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            where = f"{finding.file}:{finding.line}: {finding.rule}"
            affects = f" ({', '.join(finding.affects)})" if finding.affects else ""
            console.print(where, end="", style="bold")
            console.print(affects)
            for words in (finding.message, finding.accepted and f"accepted: {finding.accepted}"):
                if words:
                    console.print(f"    {words}")
            if not finding.accepted:
                advice = f"    instead: {finding.advice}"
                console.print(advice)
    if open_ones:
        raise MechanismError(f"{folder}: {len(open_ones)} findings")
    if not findings and not as_json:
        console.print("no findings")


def plot_mechanism(
    name: str, folder: str | None, celsius_degC: float, changes: list[str], out: Path
) -> None:
    """Clamp a mechanism and write the figure.

    Raises
    ------
    MechanismError
        If no set holds the mechanism.
    """
    from workbench.experiments import clamp_family
    from workbench.reports.mechanism_figure import plot_mechanism as draw

    names = shipped_mechanisms() if folder is None else [folder]
    sets = {m.suffix: one for one in map(read_mechanisms, names) for m in one.mechanisms}
    own = {suffix for suffix, mechanism in BUILT_IN.items() if mechanism.kind == "density"}
    if name not in sets and name not in own:
        raise MechanismError(unknown("mechanism", name, {*sets, *own}))
    family = clamp_family(
        sets.get(name), name, celsius_degC=celsius_degC, settings=pairs(changes, "--set")
    )
    console.print(str(draw(family, out)))


def list_morphologies(as_json: bool) -> None:
    """List the catalogue, and where each cell is found on this machine."""
    rows: list[dict[str, Any]] = []
    for entry in known_cells():
        try:
            place, missing = str(resolve(entry.name)), ""
        except MorphologyError as error:
            place, missing = "", str(error)
        rows.append(
            {
                "name": entry.name,
                "cell": entry.cell,
                "licence": entry.licence,
                "citation": entry.citation,
                "path": place,
                "missing": missing,
            }
        )
    if as_json:
        print_json(rows)
        return
    cells = [[r["name"], r["cell"], r["licence"], r["path"] or "not here"] for r in rows]
    print_table(["name", "cell", "licence", "file"], cells)
    for row in rows:
        if row["missing"]:
            console.print(f"\n{row['missing']}")


def fetch_morphology(name: str) -> None:
    """Download one cell of the catalogue."""
    console.print(str(fetch_shown(name)))


def check_morphology(
    file: str,
    soma: str,
    unit: str,
    kinds: list[str],
    trust_hoc: bool,
    as_json: bool,
) -> None:
    """Print the size of a file's cell, and what is odd about its shape.

    Raises
    ------
    MorphologyError
        If it could not be simulated.
    """
    cell = load_morphology(
        file, cast("SomaModel", soma), unit=unit, kinds=_kinds(kinds), trust_hoc=trust_hoc
    )
    findings = oddities_of(cell)
    regions = {r: len(cell.indices(r)) for r in REGIONS if cell.indices(r)}
    if as_json:
        found = {"file": str(file), "sections": regions, "findings": [asdict(f) for f in findings]}
        sizes = {"length_um": cell.length_um(), "area_um2": cell.area_um2()}
        print_json({**found, **sizes, "soma_area_um2": cell.area_um2("somatic")})
    else:
        counts = ", ".join(f"{count} {region}" for region, count in regions.items())
        size = f"{cell.length_um():.2f} um, {cell.area_um2():.2f} um2"
        console.print(f"{file}: {len(cell)} sections ({counts}), {size}")
        for one in findings:
            console.print(f"  {one.severity}: {one.message}")
    errors = sum(one.severity == "error" for one in findings)
    if errors:
        raise MorphologyError(f"{file} cannot be simulated (errors: {errors})")


def _kinds(given: list[str]) -> dict[str, Kind]:
    """Return `NUMBER=REGION` or `NAME=REGION` texts as kinds of points or sections."""
    found: dict[str, Kind] = {}
    for text in given:
        key, equals, region = text.partition("=")
        if not (key and equals):
            raise MorphologyError(f"--kind {text!r} cannot be read; write --kind 5=basal")
        found[key] = cast("Kind", region)
    return found
