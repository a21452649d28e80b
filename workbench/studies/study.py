"""A study: a folder of TOML files as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench.cells import CellRecipe, SegmentRule
from workbench.engines import Integrator
from workbench.errors import StudyError, unknown
from workbench.evaluations import without_morphology
from workbench.fitting import Objective, Parameter, Problem, Repeats, ScoreRule, Stage
from workbench.inputs import parsing
from workbench.protocols import Protocol
from workbench.search import ALGORITHMS
from workbench.studies.cell_tables import CellTable
from workbench.studies.cells import GLOBAL, cell_from, check_free
from workbench.studies.files import at, find_study, inside, read
from workbench.studies.protocols import protocols_from, variants_from
from workbench.studies.several import cells_from, spread, spread_penalties
from workbench.studies.stages import stages_from
from workbench.studies.tables import (
    FitTable,
    FreeTable,
    IntegratorTable,
    PublishedTable,
    StudyTable,
)
from workbench.studies.targets import Targets, targets_from


@dataclass(frozen=True)
class Study:
    """Everything that a folder in `optimizations/` says.

    Attributes
    ----------
    problem
        What a fit solves; only protocols with targets are simulated for it.
    protocols
        All protocols of the study.
    published
        Named parameter sets, each by parameter name.
    cells
        The cell files of those parameter sets that bring their own.
    accuracy
        What a calibration or a check found about this way to simulate it; empty if there was none.
    fit
        What `workbench fit` does unless told otherwise.
    targets
        The file of the targets, the study's own or that of its base.
    says_how
        Whether study.toml has an `[integrator]`.
    stages
        Of the fit; none if it is done at once.
    aims
        The targets as their file says them, of one morphology; those of the problem are on each.
        Some may be held out: no search sees them.
    """

    name: str
    folder: Path
    title: str
    description: str
    problem: Problem
    protocols: tuple[Protocol, ...]
    published: Mapping[str, Mapping[str, float]]
    fit: FitTable
    targets: Path
    cells: Mapping[str, Path] = field(default_factory=dict)
    accuracy: str = ""
    says_how: bool = True
    stages: tuple[Stage, ...] = ()
    aims: Targets = Targets()

    def __repr__(self) -> str:
        sets = ", ".join(self.published) or "none"
        return f"<Study {self.name}: {self.title}; {self.problem.content}; parameter sets: {sets}>"

    def with_params(self, params: str) -> "Study":
        """Return the study with the cell of a parameter set: its own file, or this cell.

        Raises
        ------
        InputError
            If the set's cell file has mistakes.
        """
        if params not in self.cells:
            return self
        path = self.cells[params]
        if self.morphologies:
            raise StudyError(
                f"{self.name}: the parameter set {params!r} has a cell of its own, {path}, and the "
                f"study has several morphologies; {self._name_one}"
            )
        recipe, parameters = cell_from(path, self.name, read(path, CellTable))
        recipe = replace(recipe, celsius_degC=self.problem.recipe.celsius_degC)
        return replace(self, problem=replace(self.problem, recipe=recipe, parameters=parameters))

    def values(self, params: str) -> Mapping[str, float]:
        """Return a named parameter set.

        Raises
        ------
        StudyError
            If the study has no set of this name.
        """
        if params not in self.published:
            raise StudyError(f"{self.name}: {unknown('parameter set', params, self.published)}")
        return self.published[params]

    def protocol(self, name: str) -> Protocol:
        """Return a protocol of the study.

        Raises
        ------
        StudyError
            If the study has no protocol of this name.
        """
        protocols = {protocol.name: protocol for protocol in self.protocols}
        if name not in protocols:
            raise StudyError(f"{self.name}: {unknown('protocol', name, protocols)}")
        return protocols[name]

    @property
    def morphologies(self) -> tuple[str, ...]:
        """What its morphologies are called, if there are several."""
        return tuple(name for name, _ in self.problem.morphologies)

    @property
    def _name_one(self) -> str:
        return f"name one with --morphology (in Python, morphology): {', '.join(self.morphologies)}"

    def on_morphology(self, name: str | None) -> "Study":
        """Return the study with one of its morphologies alone; as it is if there is but one.

        Parameters
        ----------
        name
            Which; None of a study with one.

        Raises
        ------
        StudyError
            If it is none of them, or there are several and none is named.
        """
        shapes = dict(self.problem.morphologies)
        if name is None and not shapes:
            return self
        if name is None:
            raise StudyError(f"{self.name} has {len(shapes)} morphologies; {self._name_one}")
        if not shapes:
            raise StudyError(f"{self.name} has one morphology; leave --morphology {name} out")
        if name not in shapes:
            raise StudyError(f"{self.name}: {unknown('morphology', name, shapes)}")
        problem = self.problem
        own = dict(problem.own_integrators)
        chosen = replace(
            problem,
            recipe=problem.recipe.with_morphology(shapes[name]),
            protocols=_fitted(self.protocols, self.aims.objectives),
            objectives=self.aims.objectives,
            penalties=self.aims.penalties,
            rule=replace(problem.rule, morphologies="mean"),
            own_integrators=tuple(
                (without_morphology(one.name, name), own[one.name])
                for one in problem.protocols
                if one.morphology == name and one.name in own
            ),
            morphologies=(),
        )
        return replace(self, problem=chosen)

    def check_targets(self) -> None:
        """Refuse to score a study that says nothing of how its cell should be.

        Raises
        ------
        StudyError
            If its targets name no feature.
        """
        if self.held_out and not self.problem.objectives:
            raise StudyError(
                f"{self.targets}: all of its targets are held out, so there is nothing to fit; "
                "leave held_out away from some"
            )
        if not self.problem.objectives:
            raise StudyError(
                f"{self.targets}: it names no feature, so there is nothing to score or to fit; "
                "write one as in `[<protocol>.<recording>.features]` with `Spikecount = [8, 1]`"
            )

    def with_targets(self, path: Path) -> "Study":
        """Return the study with the targets of another file.

        Raises
        ------
        StudyError
            If the file has mistakes, or names what the study has not.
        """
        aims = targets_from(path, self.protocols)
        shapes, how = self.problem.morphologies, self.problem.rule.morphologies
        _check_held_out(aims, path, several=bool(shapes))
        fitted = _fitted(self.protocols, aims.objectives)
        protocols, objectives = spread(shapes, fitted, aims.objectives, how)
        names = [protocol.name for protocol in protocols]
        own = tuple(one for one in self.problem.own_integrators if one[0] in names)
        problem = replace(
            self.problem,
            protocols=protocols,
            objectives=objectives,
            own_integrators=own,
            penalties=spread_penalties(shapes, aims.penalties),
            block=aims.block,
        )
        return replace(self, targets=path, problem=problem, aims=aims)

    @property
    def held_out(self) -> tuple[Objective, ...]:
        """The targets that no search sees."""
        return self.aims.held_out

    @property
    def repeats(self) -> Mapping[str, Repeats]:
        """By a target's name, the values that it comes from, where targets.toml has them."""
        return self.aims.repeats

    @property
    def held_out_problem(self) -> Problem | None:
        """The cell and its parameters with the targets that are held out; None without any.

        No digest of what is fitted depends on it. Protocols that it alone has are simulated with
        the integrator of all.
        """
        if not self.held_out:
            return None
        protocols = _fitted(self.protocols, self.held_out)
        names = [protocol.name for protocol in protocols]
        return replace(
            self.problem,
            protocols=protocols,
            objectives=self.held_out,
            own_integrators=tuple(o for o in self.problem.own_integrators if o[0] in names),
            penalties=(),
            block=None,
        )

    def asking_all(self) -> Problem:
        """Return the problem with all targets, those that are held out behind the others."""
        held = self.held_out_problem
        if held is None:
            return self.problem
        problem = self.problem
        more = tuple(one for one in held.protocols if one not in problem.protocols)
        return replace(
            problem,
            protocols=problem.protocols + more,
            objectives=problem.objectives + held.objectives,
        )

    def with_integrator(
        self, integrator: Integrator, own: tuple[tuple[str, Integrator], ...] = ()
    ) -> "Study":
        """Return the study with another integrator, and others still for single protocols."""
        problem = replace(self.problem, integrator=integrator, own_integrators=own)
        return replace(self, accuracy="", problem=problem)

    def with_segments(self, segments: SegmentRule) -> "Study":
        """Return the study with its sections cut by another rule."""
        recipe = replace(self.problem.recipe, segments=segments)
        return replace(self, accuracy="", problem=replace(self.problem, recipe=recipe))

    def with_celsius(self, celsius_degC: float) -> "Study":
        """Return the study at another temperature."""
        recipe = replace(self.problem.recipe, celsius_degC=celsius_degC)
        return replace(self, problem=replace(self.problem, recipe=recipe))


def load_study(name: str | Path, *, shape: str | Path | None = None) -> Study:
    """Return the study of this name, or in this folder.

    Parameters
    ----------
    shape
        A morphology's file, in um, or a name, in place of that of its cell.toml.

    Raises
    ------
    InputError
        If it cannot be found or its files have mistakes; the message names file and key.

    Examples
    --------
    >>> study = load_study("hodgkin_huxley")
    >>> study.protocol("pulse").duration_ms
    40.0
    """
    folder = find_study(name)
    with parsing(folder, "a study", StudyError):
        return _load(folder, shape)


def _load(folder: Path, shape: str | Path | None) -> Study:
    file = folder / "study.toml"
    table: StudyTable = read(file, StudyTable)
    if table.fit.algorithm not in ALGORITHMS:
        what = unknown("search algorithm", table.fit.algorithm, ALGORITHMS)
        raise StudyError(f"{file}: fit.algorithm: {what}")
    places = [folder]
    if table.base is not None:
        beside = folder.parent / table.base
        with at(f"{file}: base"):
            places.append(inside(find_study(beside if beside.is_dir() else table.base), file))
    cell_file = _first(places, "cell.toml")
    file_of_cell = read(cell_file, CellTable)
    recipe, parameters, shapes = cells_from(cell_file, folder.name, file_of_cell, shape)
    published = _published(places, parameters)
    if table.parameters is not None:
        recipe, parameters = _restricted(file, table.parameters, recipe, parameters, published)
        names = {parameter.name for parameter in parameters}
        published = {
            name: {key: value for key, value in values.items() if key in names}
            for name, values in published.items()
        }
    for morphology in dict(shapes).values() or (recipe.morphology,):
        check_free(cell_file, recipe.with_morphology(morphology) if shapes else recipe)
    protocols = protocols_from(_first(places, "protocols.toml"), recipe)
    protocols += variants_from(file, table.protocols, protocols)
    targets = _first(places, "targets.toml")
    aims = targets_from(targets, protocols)
    _check_held_out(aims, targets, several=bool(shapes))
    with at(f"{file}: integrator"):
        integrator = integrator_from(table.integrator or IntegratorTable())
    with at(f"{file}: score"):
        cap = None if table.score.cap == "none" else table.score.cap
        how = table.score.morphologies
        rule = ScoreRule(table.score.missing, cap, table.score.failed, how)
    if not shapes and how != "mean":
        raise StudyError(f"{file}: score.morphologies: the cell has one morphology; leave it out")
    if shapes and table.stage:
        raise StudyError(f"{file}: stage: a fit of several morphologies has none; leave [[stage]]")
    with at(str(file)):
        plain = _fitted(protocols, aims.objectives)
        fitted, objectives = spread(shapes, plain, aims.objectives, how)
    problem = Problem(
        folder.name,
        recipe,
        parameters,
        fitted,
        objectives,
        integrator,
        rule,
        penalties=spread_penalties(shapes, aims.penalties),
        morphologies=shapes,
        block=aims.block,
    )
    return Study(
        folder.name,
        folder,
        table.title,
        table.description,
        problem,
        protocols,
        published,
        table.fit,
        targets,
        _own_cells(places),
        says_how=table.integrator is not None,
        stages=stages_from(
            file, table.stage, table.fit, parameters, objectives, aims.block, published
        ),
        aims=aims,
    )


def integrator_from(table: IntegratorTable) -> Integrator:
    """Return the integrator that a table describes; CVODE at 1e-3 if it names no step."""
    atol = table.cvode_atol
    if table.dt_ms is None and table.step_error_mV is None and atol is None:
        atol = 1e-3
    return Integrator(
        table.engine,
        table.dt_ms,
        table.order,
        atol,
        table.steps_per_ms,
        native=table.native,
        step_error_mV=table.step_error_mV,
        precision=table.precision,
    )


def _first(places: list[Path], name: str) -> Path:
    found = [place / name for place in places if (place / name).exists()]
    return found[0] if found else places[0] / name


def _published(
    places: list[Path], parameters: tuple[Parameter, ...]
) -> dict[str, dict[str, float]]:
    path = _first(places, "published.toml")
    if not path.exists():
        return {}
    tables: dict[str, PublishedTable] = read(path, dict[str, PublishedTable])
    names = {parameter.name for parameter in parameters}
    published = {}
    for name, table in tables.items():
        flat = {
            own if region == GLOBAL else f"{own}.{region}": value
            for region, values in table.values.items()
            for own, value in values.items()
        }
        for key in flat:
            if key not in names:
                raise StudyError(f"{path}: {name}.values: {unknown('parameter', key, names)}")
        published[name] = flat
    return published


def _own_cells(places: list[Path]) -> dict[str, Path]:
    path = _first(places, "published.toml")
    if not path.exists():
        return {}
    tables: dict[str, PublishedTable] = read(path, dict[str, PublishedTable])
    return {n: inside(path.parent / t.cell, path) for n, t in tables.items() if t.cell is not None}


def _restricted(
    path: Path,
    table: FreeTable,
    recipe: CellRecipe,
    parameters: tuple[Parameter, ...],
    published: Mapping[str, Mapping[str, float]],
) -> tuple[CellRecipe, tuple[Parameter, ...]]:
    names = [parameter.name for parameter in parameters]
    for name in table.free:
        if name not in names:
            raise StudyError(f"{path}: parameters.free: {unknown('parameter', name, names)}")
    if table.others not in published:
        what = unknown("parameter set", table.others, published)
        raise StudyError(f"{path}: parameters.others: {what}")
    fixed = {n: v for n, v in published[table.others].items() if n not in table.free}
    without = [name for name in names if name not in table.free and name not in fixed]
    if without:
        raise StudyError(
            f"{path}: parameters.others: the set {table.others!r} has no {', '.join(without)}"
        )
    return recipe.with_values(fixed), tuple(p for p in parameters if p.name in table.free)


def _fitted(
    protocols: tuple[Protocol, ...], objectives: tuple[Objective, ...]
) -> tuple[Protocol, ...]:
    """Return the protocols that have one of these targets."""
    aimed_at = {name for objective in objectives for name in objective.protocols}
    return tuple(protocol for protocol in protocols if protocol.name in aimed_at)


def _check_held_out(aims: Targets, path: Path, *, several: bool) -> None:
    """Refuse to hold targets of several morphologies out.

    Raises
    ------
    StudyError
        With the file.
    """
    if several and aims.held_out:
        raise StudyError(
            f"{path}: held_out: a fit of several morphologies holds no target out; leave it out, "
            "and validate its best on a study of its own"
        )
