"""Run a batch of jobs on NEURON or CoreNEURON."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from workbench.builds import Build
from workbench.cells import CellRecipe
from workbench.engines.job import Failure, FailureKind, Integrator, Job, Outcome
from workbench.engines.neuron import adaptive, door, guards
from workbench.engines.neuron.advance import advance_cvode, advance_fixed
from workbench.engines.neuron.batch import companies, starting_mV
from workbench.engines.neuron.cell import LiveCell, RefusedValueError
from workbench.engines.neuron.clamps import Clamp, Run, check_clamps, clamp
from workbench.engines.neuron.stepping import check_steps, longest_step_ms, most_steps
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
        """Run one job's cell under each protocol, as so many cells at once."""
        recipe, protocol = job.recipe, protocols[0]
        for one in protocols:
            check_steps(one, job.integrator)
            check_clamps(one, job.integrator)
        try:
            cells = self._prepare(recipe, len(protocols))
        except RefusedValueError as error:
            return [Failure(FailureKind.SIMULATOR, str(error))] * len(protocols)
        conduct, starting = cells[0].conduct, starting_mV(job, protocol)
        conduct.check(job.integrator)
        with (
            door.conditions(
                self._h,
                job.integrator,
                recipe.celsius_degC,
                starting,
                conduct.put_back,
                conduct.switches,
            ),
            contextlib.ExitStack() as mounts,
        ):
            vectors = [
                mounts.enter_context(_mounted(self._h, job.integrator, *each))
                for each in zip(cells, protocols, strict=True)
            ]
            trains = [
                train
                for cell, one in zip(cells, protocols, strict=True)
                for train in cell.points.driven(self._h, one, job.integrator.dt_ms)
            ]
            try:
                failure = self._advance(cells, protocol, job.integrator, vectors, trains)
            except RuntimeError as error:
                failure = Failure(FailureKind.SIMULATOR, str(error))
            traces = [_copied(*each) for each in zip(protocols, vectors, strict=True)]
        return [failure or _judged(one, protocol.duration_ms) for one in traces]

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
            return adaptive.advance(protocol, integrator, cells[0].conduct.first_order, budget)
        assert integrator.dt_ms is not None
        if integrator.engine == "coreneuron":
            sections = [section for cell in cells for section in cell.sections]
            guards.check_process(h, door.compiled(self._build), sections)
        with door.solver(self._build, integrator):
            advance_fixed(
                h, until_ms, integrator.dt_ms, coreneuron=integrator.engine == "coreneuron"
            )
        return None


@contextlib.contextmanager
def _mounted(
    h: Any, integrator: Integrator, cell: LiveCell, protocol: Protocol
) -> Iterator[Vectors]:
    """Put a protocol's clamps and recordings on a cell, and take them off whatever happens.

    NEURON keeps a clamp as long as Python knows it, and the traceback of an error knows it long:
    so the clamps leave by their names here, not with the end of a function.
    """
    clamps: list[Clamp] = []
    vectors: Vectors = {}
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
        yield vectors
    finally:
        own.clear()
        for vector in (*vectors.values(), *(one for made in clamps for one in made.vectors)):
            door.give_back(vector)
        clamps.clear()
        vectors.clear()


def _copied(protocol: Protocol, vectors: Vectors) -> Traces:
    arrays = {name: np.array(vector, dtype=float) for name, vector in vectors.items()}
    return Traces(protocol.name, arrays.pop(_TIMES), arrays)


def _judged(traces: Traces, until_ms: float) -> Outcome:
    """Return the traces, or the failure that they show."""
    for name, values in traces.recorded.items():
        if values.size != traces.t_ms.size:
            message = f"{name} has {values.size} samples for {traces.t_ms.size} times"
            return Failure(FailureKind.UNFINISHED, message)
        if defect := find_defect(traces[name], until_ms):
            return Failure(FailureKind[defect.kind.name], defect.message)
    return traces
