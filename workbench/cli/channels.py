"""What the verbs below `mechanisms` do."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.builds import build, trust
from workbench.cli.options import pairs
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.engines.population.showing import mechanism_text
from workbench.errors import MechanismError
from workbench.mechanisms import read_mechanisms, set_of, shipped_mechanisms
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
                    "receives": mechanism.receives,
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
            "" if row["receives"] is None else " ".join(row["receives"]) or "yes",
            " ".join(row["ions"]),
            " ".join(row["states"]),
            " ".join(f"{n}={v:g}" for n, v in row["parameters"].items()),
        ]
        for row in rows
    ]
    print_table(["set", "mechanism", "kind", "events", "ions", "states", "parameters"], cells)


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


def show_mechanism(name: str, folder: str | None, generated: bool) -> None:
    """Print a mechanism's text.

    Raises
    ------
    MechanismError
        If no set holds the mechanism, or it is NEURON's own and has no text.
    EngineError
        If the population engine does not compute it.
    """
    print(mechanism_text(name, folder=folder, generated=generated))


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

    one = set_of(name, folder)
    family = clamp_family(one, name, celsius_degC=celsius_degC, settings=pairs(changes, "--set"))
    console.print(str(draw(family, out)))
