"""Run a batch of jobs on NEURON or CoreNEURON."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from workbench.builds import Build
from workbench.cells import CellRecipe
from workbench.engines.job import Failure, FailureKind, Integrator, Job, Outcome
from workbench.engines.neuron import adaptive, door, guards
from workbench.engines.neuron.advance import advance_cvode, advance_fixed
from workbench.engines.neuron.balancing import balance
from workbench.engines.neuron.batch import companies, starting_mV, temperature_degC
from workbench.engines.neuron.cell import LiveCell, RefusedValueError
from workbench.engines.neuron.clamps import Clamp, Run, check_clamps, clamp
from workbench.engines.neuron.mapping import Spot, Survey
from workbench.engines.neuron.stepping import (
    check_steps,
    longest_step_ms,
    most_steps,
    steps_at_most,
)
from workbench.engines.neuron.synapses import Train
from workbench.errors import EngineError
from workbench.protocols import Protocol, Traces, find_defect

Vectors = dict[str, Any]
"""Recording name to NEURON's Vector, with the times under `_TIMES`."""

_TIMES = "t"


class NeuronEngine:
    """Runs jobs one after the other in this process, in CoreNEURON some together.

    The cells of the run before are kept and painted again while the frame is the same and no
    mechanism remembers what it did; tests show that the traces are those of fresh cells, bit for
    bit.
    """

    # NEURON simulates every section of its process: what one engine kept would take part in
    # the runs of another, and CVODE's steps would follow both.
    _kept: ClassVar[list[LiveCell]] = []

    def __init__(self, build: Build | None) -> None:
        self._build = build
        self._h = door.open_neuron(build)

    @property
    def h(self) -> Any:
        """NEURON, as this process has it."""
        return self._h

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Run the jobs; the answer holds one outcome a job, in their order.

        Those that `companies` puts together are cells of one CoreNEURON run. A fixed step that does
        not divide the protocol's duration runs to the first step beyond it.

        Raises
        ------
        EngineError
            If a recipe cannot be built or a recording has no such variable, if this process
            holds sections of somebody else, or anything that CoreNEURON cannot run.
        """
        protocols = [job.protocol.bound() for job in jobs]
        outcomes: dict[int, Outcome] = {}
        for company in companies(jobs, protocols):
            together = self._run(jobs[company[0]], [protocols[number] for number in company])
            outcomes.update(zip(company, together, strict=True))
        return [outcomes[number] for number in range(len(jobs))]

    def close(self) -> None:
        """Delete the cells that were kept."""
        while NeuronEngine._kept:
            NeuronEngine._kept.pop().close()

    def _run(self, job: Job, protocols: Sequence[Protocol]) -> list[Outcome]:
        """Run one job's cell under each protocol, until all segments of all maps have been seen."""
        for one in protocols:
            check_steps(one, job.integrator)
            check_clamps(one, job.integrator)
        surveys = [Survey(one, job.recipe) for one in protocols]
        steps = steps_at_most(protocols[0], job.integrator)
        outcomes = self._once(job, protocols, surveys, steps)
        while not all(survey.done for survey in surveys):
            steps = max(one.t_ms.size for one in outcomes if isinstance(one, Traces))
            again = self._once(job, protocols, surveys, steps)
            outcomes = [
                new if isinstance(new, Failure) else old
                for old, new in zip(outcomes, again, strict=True)
            ]
        return [
            replace(one, maps=survey.maps()) if isinstance(one, Traces) else one
            for one, survey in zip(outcomes, surveys, strict=True)
        ]

    def _once(
        self, job: Job, protocols: Sequence[Protocol], surveys: Sequence[Survey], steps: int
    ) -> list[Outcome]:
        """Run it once, with as many segments of maps as fit into memory in a run of `steps`."""
        recipe, protocol = job.recipe, protocols[0]
        try:
            cells = self._prepare(recipe, len(protocols))
        except RefusedValueError as error:
            return _failed(Failure(FailureKind.SIMULATOR, str(error)), surveys)
        conduct, starting = cells[0].conduct, starting_mV(job, protocol)
        conduct.check(job.integrator)
        with (
            door.conditions(
                self._h,
                job.integrator,
                temperature_degC(job, protocol),
                starting,
                conduct.put_back,
                conduct.during(recipe),
            ),
            contextlib.ExitStack() as mounts,
        ):
            mounted = [
                mounts.enter_context(
                    _mounted(self._h, job.integrator, cell, one, survey.next(steps, len(cells)))
                )
                for cell, one, survey in zip(cells, protocols, surveys, strict=True)
            ]
            trains = [
                train
                for cell, one in zip(cells, protocols, strict=True)
                for train in cell.points.driven(self._h, one, job.integrator.dt_ms)
            ]
            vectors = [one.vectors for one in mounted]
            try:
                for cell in cells:
                    balance(self._h, cell, recipe)
                failure = self._advance(cells, protocol, job.integrator, vectors, trains)
            except (RefusedValueError, RuntimeError) as error:
                failure = Failure(FailureKind.SIMULATOR, str(error))
            if failure:
                return _failed(failure, surveys)
            return [
                _judged(_copied(one, here.vectors), here.mapped, survey, one.duration_ms)
                for one, here, survey in zip(protocols, mounted, surveys, strict=True)
            ]

    def _prepare(self, recipe: CellRecipe, count: int) -> Sequence[LiveCell]:
        """Return `count` cells of a recipe: those that are kept, painted again, and new ones."""
        cells = NeuronEngine._kept
        if cells and (cells[0].conduct.remembers or cells[0].frame != recipe.frame):
            self.close()
        while len(cells) > count:
            cells.pop().close()
        for cell in cells:
            cell.repaint(recipe)
        while len(cells) < count:
            cells.append(LiveCell(self._h, recipe))
        others = sum(1 for _ in self._h.allsec()) - sum(len(cell.sections) for cell in cells)
        if others:
            raise EngineError(
                f"this process holds {others} sections besides those of {recipe.name}, and NEURON "
                "would simulate them too; delete them, or run the cell in a process of its own, "
                "as workbench.simulate does"
            )
        return cells

    def _advance(
        self,
        cells: Sequence[LiveCell],
        protocol: Protocol,
        integrator: Integrator,
        vectors: Sequence[Vectors],
        trains: Sequence[Train],
    ) -> Failure | None:
        h, until_ms = self._h, protocol.duration_ms
        for cell in cells:
            cell.restart_streams()
        h.finitialize(h.v_init)
        for train in trains:
            train.queue()
        budget = min(int(integrator.steps_per_ms * until_ms), most_steps(protocol))
        if integrator.atol is not None:
            if math.isfinite(longest_ms := longest_step_ms(protocol)):
                door.cvode().maxstep(longest_ms)
            voltages = [vector for name, vector in vectors[0].items() if name.endswith(".v")]
            return advance_cvode(h, until_ms, budget, voltages)
        if integrator.step_error_mV is not None:
            arriving_ms = [train.times_ms for train in trains]
            first_order = cells[0].conduct.first_order
            return adaptive.advance(protocol, arriving_ms, integrator, first_order, budget)
        assert integrator.dt_ms is not None
        if integrator.engine == "coreneuron":
            sections = [section for cell in cells for section in cell.sections]
            guards.check_process(h, door.compiled(self._build), sections)
        with door.solver(self._build, integrator):
            advance_fixed(
                h, until_ms, integrator.dt_ms, coreneuron=integrator.engine == "coreneuron"
            )
        return None


class Mounted(NamedTuple):
    """NEURON's Vectors of a run: those of recordings, and those of segments of maps."""

    vectors: Vectors
    mapped: list[Any]


@contextlib.contextmanager
def _mounted(
    h: Any, integrator: Integrator, cell: LiveCell, protocol: Protocol, spots: Sequence[Spot]
) -> Iterator[Mounted]:
    """Put a protocol's clamps and recordings on a cell, and take them off whatever happens.

    NEURON keeps a clamp as long as Python knows it, and the traceback of an error knows it long:
    so the clamps leave by their names here, not with the end of a function.
    """
    clamps: list[Clamp] = []
    vectors: Vectors = {}
    mapped: list[Any] = []
    own: dict[tuple[Any, str], Any] = {}
    run = Run(protocol.duration_ms, integrator)
    try:
        for stimulus in protocol.stimuli:
            assert not isinstance(stimulus.site, str), "a bound protocol names no parameters"
            clamps.append(clamp(stimulus, h, cell.at(stimulus.site), run))
            for variable, one in stimulus.recorded.items():
                own[stimulus.site, variable] = clamps[-1].pointer(one.name)
        vectors[_TIMES] = door.take_vector().record(h._ref_t)
        for recording in protocol.recordings:
            place = recording.site, recording.variable
            pointer = own[place] if place in own else cell.pointer(*place)
            vectors[recording.name] = door.take_vector().record(pointer)
        for spot in spots:
            pointer = cell.pointer_in(spot.section, spot.x, spot.map.variable)
            mapped.append(door.take_vector().record(pointer))
        yield Mounted(vectors, mapped)
    finally:
        own.clear()
        played = (one for made in clamps for one in made.vectors)
        for vector in (*vectors.values(), *mapped, *played):
            door.give_back(vector)
        clamps.clear()
        vectors.clear()
        mapped.clear()


def _failed(failure: Failure, surveys: Sequence[Survey]) -> list[Outcome]:
    for survey in surveys:
        survey.give_up()
    return [failure] * len(surveys)


def _copied(protocol: Protocol, vectors: Vectors) -> Traces:
    arrays = {name: np.array(vector, dtype=float) for name, vector in vectors.items()}
    return Traces(protocol.name, arrays.pop(_TIMES), arrays)


def _judged(traces: Traces, mapped: Sequence[Any], survey: Survey, until_ms: float) -> Outcome:
    """Return the traces, or the failure that they or the segments of a map show."""
    for name, values in traces.recorded.items():
        if values.size != traces.t_ms.size:
            message = f"{name} has {values.size} samples for {traces.t_ms.size} times"
            return _failed(Failure(FailureKind.UNFINISHED, message), [survey])[0]
        if defect := find_defect(traces[name], until_ms):
            return _failed(Failure(FailureKind[defect.kind.name], defect.message), [survey])[0]
    if defect := survey.see(traces.t_ms, (np.array(one, dtype=float) for one in mapped)):
        return _failed(Failure(FailureKind[defect.kind.name], defect.message), [survey])[0]
    return traces
