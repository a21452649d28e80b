"""An experiment's TOML file: what it may say, and what that means."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from workbench.errors import StudyError
from workbench.experiments.design import ENGINE, Wanted
from workbench.experiments.functions import named_function
from workbench.studies import EngineChoice
from workbench.studies.cell_tables import SegmentsTable
from workbench.studies.files import at, read
from workbench.studies.table import MilliVolt, Table

LevelsList = list[float | str]


class EngineTable(Table):
    """How it is simulated, in the words of the command line."""

    engine: str | None = None
    """`neuron`, `coreneuron`, `population` or `auto`."""
    dt: float | None = None
    """A fixed step in ms."""
    order: int | None = None
    """Of a fixed step: 1 is backward Euler, 2 Crank-Nicolson."""
    cvode: float | None = None
    """CVODE with this absolute tolerance."""
    adaptive: float | None = None
    """Adaptive steps of this local error in mV."""
    celsius: float | None = None
    """Temperature in degC."""
    gpu: bool = False
    """With `coreneuron`: on a GPU."""
    precision: str | None = None
    """With `population`: `double` or `single`."""

    def choice(self) -> EngineChoice:
        """Return what these words choose."""
        return EngineChoice(**self.model_dump())


class CellOfTable(Table):
    """One of `[cells]` in an experiment's file."""

    study: str | None = None
    """Name or folder of its study, from where the command is given; default that of the file."""
    params: str | None = None
    """A parameter set as `--params` takes it; default that of the file."""
    morphology: str | None = None
    """Another tree under its channels: a file, or a name of `workbench morphology list`."""
    generate: str | None = None
    """In place of it a generated tree, in the words of `workbench morphology generate`:
    `"binary-tree tips=8,length_um=1750"`."""
    edit: list[str] = Field(default_factory=list)
    """What is done to the tree, in the words of `workbench morphology edit`: `["scale-lengths
    apical=1.2"]`."""
    segments: SegmentsTable | None = None
    """Into how many segments its sections are cut, where it is not as its study says."""
    values: dict[str, float | dict[str, float]] = Field(default_factory=dict)
    """Values that differ, as `gnabar_hh.all = 0.1`."""


class ExperimentTable(Table):
    """An experiment's file."""

    title: str = ""
    """What it is, in a line."""
    study: str | None = None
    """Name or folder of the study, from where the command is given; without it that of the folder
    in which the file lies, if there is one."""
    params: str | None = None
    """A parameter set as `--params` takes it."""
    cells: dict[str, CellOfTable] = Field(default_factory=dict)
    """Several cells, by the names that they have in the table."""
    protocols: Annotated[list[str], Field(min_length=1)]
    """Names of protocols of the study."""
    measures: list[str]
    """`<recording>.<feature>`, such as `"soma.v.AP_height"`; of two recordings,
    `"soma.v.to.dend.attenuation"`; differences and ratios of two of these, `"A - B"`, `"A / B"`;
    of a map what it keeps over its
    segments, `"map.maximum.mean"`: `maximum`, `minimum`, or the `mean` weighted with areas; of the
    shape, `"morphology.area_um2"`; of the cell as a cable,
    `"cell.frozen.input_MOhm(soma(0.5))"`; a function of a Python file beside this one,
    `"module:function"`."""
    factors: dict[str, LevelsList | dict[str, LevelsList | EngineTable | dict[str, LevelsList]]] = (
        Field(default_factory=dict)
    )
    """Levels by name, all of which are combined: `gnabar_hh.all = [0.1, 0.12]`,
    `step.amplitude_nA = [1, "2 nA"]`, `morphology.length_um = [100, "1 mm"]`,
    `edit.scale-lengths.factor = [1, 1.2]`, `engine = ["neuron", "coreneuron"]`."""
    rows: list[dict[str, float | str | dict[str, float | str | dict[str, float | str]]]] | None = (
        None
    )
    """In place of factors, rows of a table, each with levels by name; `cell` and `protocol` among
    them if not all are meant."""
    window_ms: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    """Where features are measured; the window of the first stimulus unless it is given."""
    threshold_mV: MilliVolt = -20.0
    """What crosses it upwards is a spike."""
    engine: str | EngineTable = EngineTable()
    """How all cells are simulated, where it is not a factor: a word, or a table of words."""

    def each_cell(self) -> dict[str, CellOfTable]:
        """Return what is said of each cell, by its name in the table.

        Raises
        ------
        StudyError
            If one has no study.
        """
        cells = self.cells or {Path(self.study or "").name: CellOfTable()}
        own = {"study": self.study, "params": self.params}
        found = {
            name: one.model_copy(update={k: v for k, v in own.items() if getattr(one, k) is None})
            for name, one in cells.items()
        }
        if none := [name for name, one in found.items() if one.study is None]:
            where = f"cells.{none[0]} has no study" if self.cells else "there is no study"
            raise StudyError(f"{where}; name one with study = 'NAME'")
        return found

    def choice(self) -> EngineChoice:
        """Return how all cells are simulated."""
        return EngineChoice(self.engine) if isinstance(self.engine, str) else self.engine.choice()

    def wanted(self, folder: Path, trusted: bool = False) -> Wanted:
        """Return what is measured, with functions of `folder`."""
        window = None if self.window_ms is None else (self.window_ms[0], self.window_ms[1])
        functions = {n: named_function(n, folder, trusted) for n in self.measures if ":" in n}
        return Wanted(tuple(self.measures), window, self.threshold_mV, functions)

    def levels(self) -> dict[str, Any]:
        """Return the levels of each factor, with whole names."""
        found: dict[str, Any] = {}
        for name, given in self.factors.items():
            if name == ENGINE and isinstance(given, dict):
                found[name] = {level: _choice(level, words) for level, words in given.items()}
            else:
                found |= flattened({name: given})
        for name, levels in found.items():
            if isinstance(levels, EngineTable):
                raise StudyError(f"factors.{name} is a table; give a list of numbers or texts")
        return found

    def table(self) -> list[dict[str, Any]] | None:
        """Return the rows, with whole names."""
        return None if self.rows is None else [flattened(row) for row in self.rows]


def flattened(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what TOML reads of dotted keys with whole names: `a.b = 1` is {"a": {"b": 1}} there.

    >>> flattened({"step": {"amplitude_nA": [1, 2]}, "edit": {"taper": {"power": [3]}}})
    {'step.amplitude_nA': [1, 2], 'edit.taper.power': [3]}
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{rest}": one for rest, one in flattened(value).items()}
        else:
            found[name] = value
    return found


def _choice(level: str, given: Any) -> EngineChoice:
    if isinstance(given, EngineTable):
        return given.choice()
    raise StudyError(f"factors.engine.{level} is a list; write words as in {level} = {{dt = 0.01}}")


def read_experiment(path: Path) -> ExperimentTable:
    """Return what an experiment's file says.

    Raises
    ------
    StudyError
        If there is no such file; all its mistakes, one a line.
    """
    if not path.exists():
        raise StudyError(f"{path}: there is no such file; an experiment is a TOML file")
    table: ExperimentTable = read(path, ExperimentTable)
    if table.study is None and (path.parent / "study.toml").is_file():
        table = table.model_copy(update={"study": str(path.parent)})
    with at(str(path)):
        table.each_cell()
        table.levels()
    return table
