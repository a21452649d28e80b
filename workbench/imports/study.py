"""A study as tables, and its folder."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from os.path import realpath
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.studies import Study, let_read, load_study
from workbench.toml_text import toml_text

Tables = Mapping[str, Any]

STEP: Mapping[str, Any] = {
    "duration_ms": 700.0,
    "parameters": {"amplitude_nA": 0.1},
    "recordings": {"soma": "soma(0.5)"},
    "stimuli": [
        {
            "type": "step",
            "site": "soma(0.5)",
            "delay_ms": 100.0,
            "duration_ms": 500.0,
            "amplitude_nA": "amplitude_nA",
        }
    ],
}
"""A protocol for a model that comes without one: a step of current into the soma."""


@dataclass(frozen=True)
class Imported:
    """What an import has found, in the terms of a study.

    Attributes
    ----------
    tool
        Whose files were read.
    title, description, source
        Of study.toml.
    cell, protocols, targets, published
        The tables of these files. Paths stand as `Path`: what they name stays where it is.
    integrator, score
        These tables of study.toml.
    texts
        Further files of the study, by name.
    done
        What was decided on the way, a sentence each.
    unsaid
        What the model has and the study has not, a sentence each.
    """

    tool: str
    name: str
    title: str
    description: str
    source: str
    cell: Tables
    protocols: Tables
    targets: Tables = field(default_factory=dict)
    published: Tables = field(default_factory=dict)
    integrator: Tables = field(default_factory=dict)
    score: Tables = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    done: Sequence[str] = ()
    unsaid: Sequence[str] = ()


def write_study(found: Imported, out: Path) -> Study:
    """Write the folder of a study and return the study, read back from there.

    Raises
    ------
    InputError
        If the folder is there already, or what was found is no study that loads; then nothing is
        left behind.
    """
    if out.exists():
        raise InputError(f"{out} is there already; name a new folder with --out")
    out = out.resolve()
    out.mkdir(parents=True)
    try:
        let_read(out, _folders(found.cell))
        about = {"title": found.title, "description": found.description, "source": found.source}
        tables = {
            "study": {**about, **_given(integrator=found.integrator, score=found.score)},
            "cell": found.cell,
            "protocols": found.protocols,
            "targets": found.targets,
            **_given(published=found.published),
        }
        for name, table in tables.items():
            _write(out / f"{name}.toml", found.tool, table)
        for file, text in found.texts.items():
            (out / file).write_text(text, encoding="utf-8")
        (out / "README.md").write_text(_readme(found, out), encoding="utf-8")
        return load_study(out)
    except BaseException:
        shutil.rmtree(out)
        raise


def _given(**tables: Tables) -> dict[str, Tables]:
    return {name: table for name, table in tables.items() if table}


def _write(path: Path, tool: str, table: Tables) -> None:
    by = f"# Written by `workbench import {tool}`; README.md says from what.\n\n"
    path.write_text(by + toml_text(_plain(table, path.parent)), encoding="utf-8")


def _plain(value: Any, out: Path) -> Any:
    """Return what TOML can hold; a path as it is written in the study."""
    if isinstance(value, Mapping):
        return {key: _plain(one, out) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, out) for one in value]
    return _named(value, out) if isinstance(value, Path) else value


def _named(path: Path, out: Path) -> str:
    """Return a path from the study where both lie in one folder and may move with it."""
    whole = Path(realpath(path))
    if whole.is_relative_to(out.parent):
        return str(Path("..") / whole.relative_to(out.parent))
    return str(whole)


def _folders(value: Any) -> list[Path]:
    """Return the folders that the paths of some tables lie in, or are."""
    if isinstance(value, Mapping):
        return [folder for one in value.values() for folder in _folders(one)]
    if isinstance(value, list | tuple):
        return [folder for one in value for folder in _folders(one)]
    if not isinstance(value, Path):
        return []
    return [value if value.is_dir() else value.parent]


def _readme(found: Imported, out: Path) -> str:
    verb = "fit" if found.targets else "simulate"
    linked = [str(folder.resolve()) for folder in dict.fromkeys(_folders(found.cell))]
    lines = [
        f"# {out.name}",
        "",
        f"{found.title}. {found.description}".strip(),
        "",
        f"Written by `workbench import {found.tool}` of version {version('neuron-workbench')} from "
        f"{found.source}.",
        "",
        "```",
        f"workbench {verb} {out.name}",
        "```",
        "",
        "## What was done",
        "",
        *(f"- {one}" for one in found.done),
        "",
        "## What could not be said",
        "",
        *(f"- {one}" for one in found.unsaid or ["Nothing that is known of."]),
        "",
    ]
    if linked:
        lines += [
            "## Files of others",
            "",
            "They stay where they are, and this study reads them there:",
            "",
            *(f"- `{folder}`" for folder in linked),
            "",
            "A study may do so where its user named them. On another machine, or when this folder "
            "has moved, name them in `WORKBENCH_PATHS`.",
            "",
        ]
    return "\n".join(lines)
