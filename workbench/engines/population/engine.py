"""Run a batch of jobs, an individual in each lane of the processor's vectors."""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.builds import Report, build_text
from workbench.cells import CellRecipe
from workbench.engines.job import Failure, FailureKind, Integrator, Job, Outcome, Precision
from workbench.engines.neuron.cell import RefusedValueError
from workbench.engines.neuron.mapping import Spot as MapSpot
from workbench.engines.neuron.mapping import Survey
from workbench.engines.neuron.stepping import most_steps, steps_at_most
from workbench.engines.population.cuda.compiling import ptx_of
from workbench.engines.population.cuda.gpu import gpu_with
from workbench.engines.population.cuda.running import Blocks
from workbench.engines.population.driving import events_of
from workbench.engines.population.equations import UntranslatedError
from workbench.engines.population.frame import Frame, Values, frame_of
from workbench.engines.population.observing import Observation, Spot, spots_of
from workbench.engines.population.requests import (
    Answer,
    Doubles,
    Ints,
    Kernel,
    Longs,
    Request,
    Shape,
    pointer,
)
from workbench.engines.population.stimulating import course_of
from workbench.morphology import locate
from workbench.protocols import Protocol, Traces, find_defect, segments_of

_HERE = Path(__file__).parent
_FLAGS = (
    "-march=native -fno-math-errno -fno-trapping-math -fno-signed-zeros "
    # As they are written, one exponential after the other, each waits for its own operations.
    "-fschedule-insns -fsched-pressure"
)
# Not associative: the exponential rounds by adding a large number.
_REALS: Mapping[Precision, str] = {"double": "double", "single": "float"}
_ASTRAY_mV = 1000.0
_MOST_KERNELS = 64
_OUTCOMES = ("done", "out of steps", "astray")


class PopulationEngine:
    """Runs jobs of any cells; those of one frame share a kernel, and run beside each other."""

    def __init__(self, report: Report | None = None) -> None:
        self.report = report or _silent
        self._kernels: dict[tuple[Frame, Integrator], Kernel] = {}

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Run the jobs; the answer holds one outcome a job, in their order.

        Raises
        ------
        EngineError
            If a mechanism, a stimulus or a recording is none that this engine computes.
        """
        together: dict[object, list[int]] = {}
        for number, job in enumerate(jobs):
            together.setdefault((job.recipe.frame, job.integrator), []).append(number)
        outcomes: dict[int, Outcome] = {}
        for numbers in together.values():
            outcomes.update(zip(numbers, self._run([jobs[n] for n in numbers]), strict=True))
        return [outcomes[number] for number in range(len(jobs))]

    def _run(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Run jobs of one frame, until all segments of all maps have been seen."""
        frame = frame_of(jobs[0].recipe)
        kernel, told = self._kept(frame, jobs[0].integrator), _Told(frame)
        surveys = [Survey(told.bound(job.protocol), job.recipe) for job in jobs]
        steps = [steps_at_most(told.bound(job.protocol), job.integrator) for job in jobs]
        outcomes = dict[int, Outcome]()
        left = list(range(len(jobs)))
        while left:
            plans, requests = dict[int, _Plan](), dict[int, Request]()
            for n in left:
                spots = surveys[n].next(steps[n], len(left))
                plans[n] = told.plan(jobs[n].recipe, jobs[n].protocol, spots)
                try:
                    requests[n] = _request(told, jobs[n], plans[n])
                except RefusedValueError as error:
                    surveys[n].give_up()
                    outcomes[n] = Failure(FailureKind.SIMULATOR, str(error))
            for n, answer in _answers(kernel, frame, requests).items():
                rows = kernel.samples(answer, plans[n].observation.columns)
                found = _outcome(answer, rows, told, jobs[n], plans[n], surveys[n])
                if isinstance(found, Failure) or n not in outcomes:
                    outcomes[n] = found
                steps[n] = len(rows)
            left = [n for n in left if not surveys[n].done]
        return [
            replace(one, maps=surveys[n].maps()) if isinstance(one, Traces) else one
            for n, one in sorted(outcomes.items())
        ]

    def _kept(self, frame: Frame, integrator: Integrator) -> Kernel:
        """Return the kernel of a frame: the compiler is not asked for its version anew."""
        key = frame, integrator
        if key not in self._kernels:
            if len(self._kernels) >= _MOST_KERNELS:
                self._kernels.clear()
            self._kernels[key] = self.kernel(frame, integrator)
        return self._kernels[key]

    def kernel(self, frame: Frame, integrator: Integrator) -> Kernel:
        """Return what computes a frame, compiled if need be.

        Raises
        ------
        EngineError
            If it is asked of a GPU that cannot be used.
        BuildError
            If there is no compiler.
        """
        if integrator.gpu:
            return Blocks(frame, gpu_with(ptx_of(frame, self.report).ptx))
        return Lanes(_loaded(library_of(frame, integrator.precision, self.report)))


@dataclass(frozen=True, eq=False)
class Lanes:
    """A frame in the lanes of this processor's vectors."""

    library: Any

    def run(self, shape: Shape, requests: Sequence[Request]) -> list[Answer]:
        """Do the runs, as many at once as there are lanes."""
        count = len(requests)
        asked, answers = (Request * count)(*requests), (Answer * count)()
        if self.library.population_run(ctypes.byref(shape), asked, answers, count):
            raise MemoryError("the population engine has no memory left")
        return list(answers)

    def samples(self, answer: Answer, columns: int) -> Floats:
        """Return what a run recorded."""
        found = np.ctypeslib.as_array(answer.values, (answer.samples, columns)).copy()
        self.library.population_free(answer.values)
        return np.asarray(found)


def _answers(kernel: Kernel, frame: Frame, requests: Mapping[int, Request]) -> dict[int, Answer]:
    parents = np.array([-1, *(parent for parent, _, _ in frame.network.sides)], np.int32)
    counts = np.array([len(patch.nodes) for patch in frame.patches], np.int64)
    nodes = np.concatenate([patch.nodes for patch in frame.patches])
    shape = Shape(
        frame.network.size,
        len(counts),
        pointer(parents, Ints),
        pointer(counts, Longs),
        pointer(nodes, Ints),
    )
    # The longest first, so that no lane is left alone with one.
    order = sorted(requests, key=lambda n: -requests[n].until_ms)
    return dict(zip(order, kernel.run(shape, [requests[n] for n in order]), strict=True))


@dataclass(frozen=True, eq=False)
class _Plan:
    """A bound protocol, and its part of a request: counts, and pointers that keep their arrays."""

    protocol: Protocol
    longest_ms: float
    observation: Observation
    fields: tuple[Any, ...]


class _Told:
    """The numbers of cells and protocols: the same ones are looked up once for all jobs."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._cells: dict[tuple[int, float], tuple[Values, tuple[Any, ...]]] = {}
        self._bound: dict[int, Protocol] = {}
        self._plans: dict[tuple[int, int], _Plan] = {}

    def cell(self, recipe: CellRecipe, protocol: Protocol) -> tuple[Values, tuple[Any, ...]]:
        """Return the cell's numbers, and its part of a request: pointers that keep their arrays.

        Raises
        ------
        RefusedValueError
            If it cannot be balanced.
        """
        own = protocol.celsius_degC
        celsius_degC = float(recipe.celsius_degC if own is None else own)
        key = id(recipe), celsius_degC
        if key not in self._cells:
            one = self.frame.values(recipe, celsius_degC)
            passive = one.axial_uS, one.capacitance_nF, self.frame.areas_1e_2um2
            arrays = *passive, one.shared, one.own
            self._cells[key] = one, tuple(pointer(array, Doubles) for array in arrays)
        return self._cells[key]

    def bound(self, protocol: Protocol) -> Protocol:
        """Return a protocol with the values of its parameters."""
        if id(protocol) not in self._bound:
            self._bound[id(protocol)] = protocol.bound()
        return self._bound[id(protocol)]

    def plan(self, recipe: CellRecipe, protocol: Protocol, spots: Sequence[MapSpot]) -> _Plan:
        """Return a protocol as the kernel takes it; weights of events may be the cell's."""
        if spots:
            return _plan(self.frame, recipe, self.bound(protocol), spots)
        key = id(protocol), id(recipe) if protocol.events else 0
        if key not in self._plans:
            self._plans[key] = _plan(self.frame, recipe, self.bound(protocol), ())
        return self._plans[key]


def _plan(frame: Frame, recipe: CellRecipe, protocol: Protocol, spots: Sequence[MapSpot]) -> _Plan:
    courses = [course_of(one, protocol) for one in protocol.stimuli]
    mapped = [Spot.at(one.section, one.x, one.map.variable) for one in spots]
    observation = Observation(frame, [*spots_of(protocol, frame, courses), *mapped])
    stimulated = np.array([_node(frame, one.site) for one in protocol.stimuli], np.int32)
    knots = np.array([len(one.t_ms) for one in courses], np.int64)
    t = np.concatenate([np.zeros(0), *(one.t_ms for one in courses)])
    to = np.concatenate([np.zeros(0), *(one.values for one in courses)])
    uS = np.array([one.uS for one in courses])
    events = events_of(frame, recipe, protocol)
    jumping = [at for s in protocol.stimuli for at in s.jumps_ms(protocol.duration_ms)]
    jumps = np.unique([*jumping, *events.times_ms])
    fields = (
        len(jumps),
        pointer(jumps, Doubles),
        len(stimulated),
        pointer(stimulated, Ints),
        pointer(knots, Longs),
        pointer(t, Doubles),
        pointer(to, Doubles),
        pointer(uS, Doubles),
        len(observation.nodes),
        pointer(observation.nodes, Ints),
        len(events.times_ms),
        pointer(events.times_ms, Doubles),
        pointer(events.blocks, Ints),
        pointer(events.points, Ints),
        pointer(events.weights, Doubles),
        len(observation.places),
        pointer(observation.blocks, Ints),
        pointer(observation.places, Longs),
    )
    longest_ms = min((s.longest_step_ms() for s in protocol.stimuli), default=np.inf)
    return _Plan(protocol, longest_ms, observation, fields)


def _request(told: _Told, job: Job, plan: _Plan) -> Request:
    integrator, recipe, protocol = job.integrator, job.recipe, plan.protocol
    v = recipe.v_init_mV if protocol.v_init_mV is None else protocol.v_init_mV
    return Request(
        float(v),
        protocol.duration_ms,
        plan.longest_ms,
        integrator.step_error_mV or 0.0,
        _ASTRAY_mV,
        _budget(integrator, protocol),
        *told.cell(recipe, protocol)[1],
        *plan.fields,
    )


def _budget(integrator: Integrator, protocol: Protocol) -> int:
    return min(int(integrator.steps_per_ms * protocol.duration_ms), most_steps(protocol))


def _node(frame: Frame, site: Any) -> int:
    return frame.network.node(*locate(site, frame.recipe.morphology))


def _outcome(
    answer: Answer, rows: Floats, told: _Told, job: Job, plan: _Plan, survey: Survey
) -> Outcome:
    """Return the traces of a run, or why there are none; the survey sees its segments."""
    protocol = plan.protocol
    if _OUTCOMES[answer.outcome] == "out of steps":
        survey.give_up()
        message = (
            f"{_budget(job.integrator, protocol)} steps led to {answer.t_ms:.1f} of "
            f"{protocol.duration_ms:g} ms; steps_per_ms allows more"
        )
        return Failure(FailureKind.TOO_MANY_STEPS, message)
    t_ms, found = plan.observation.read(rows, told.cell(job.recipe, protocol)[0])
    names = [one.name for one in protocol.recordings]
    traces = Traces(protocol.name, t_ms, dict(zip(names, found, strict=False)))
    defects = (find_defect(traces[name], protocol.duration_ms) for name in names)
    defect = next((one for one in defects if one), None)
    if defect := defect or survey.see(t_ms, found[len(names) :]):
        survey.give_up()
        return Failure(FailureKind[defect.kind.name], defect.message)
    return traces


def check_bound(protocol: Protocol, frame: Frame) -> None:
    """Refuse stimuli, recordings and maps of a bound protocol that this engine has not.

    Raises
    ------
    EngineError
        With the first of them.
    """
    courses = [course_of(stimulus, protocol) for stimulus in protocol.stimuli]
    try:
        Observation(frame, [*spots_of(protocol, frame, courses), *_first_spots(protocol, frame)])
    except UntranslatedError as error:
        raise UntranslatedError(f"{protocol.name}: {error}") from None


def _first_spots(protocol: Protocol, frame: Frame) -> list[Spot]:
    """Return a spot of each membrane that a map sees."""
    found: dict[tuple[str, int], Spot] = {}
    for one in protocol.maps:
        for section, x in segments_of(one, frame.recipe):
            patch = 0 if one.variable == "v" else frame.place(section, x)[0]
            found.setdefault((one.variable, patch), Spot.at(section, x, one.variable))
    return list(found.values())


def library_of(frame: Frame, precision: Precision, report: Report) -> Path:
    """Return the kernel of a frame, compiled for this processor if need be.

    Raises
    ------
    EngineError
        If a mechanism is not computed by this engine.
    BuildError
        If there is no compiler.
    """
    headers = {f.name: f.read_text(encoding="utf-8") for f in sorted(_HERE.glob("*.hpp"))}
    main = f'#include "stepping.hpp"\nnamespace {{\n{frame.text}\n}}\n{_ENTRY}'
    texts = {"population.cpp": main.replace("CASES", _cases(frame.text)), **headers}
    return build_text("population", texts, flags(precision), report)


def flags(precision: Precision) -> str:
    """Return what the compiler is told besides the optimisation."""
    return f"{_FLAGS} -DREAL={_REALS[precision]}"


def key_of(frame: Frame, integrator: Integrator, report: Report) -> str:
    """Return a key of the kernel that an integrator names, compiled if need be.

    Raises
    ------
    EngineError
        If a mechanism is not computed by this engine.
    BuildError
        If there is no compiler.
    """
    if integrator.gpu:
        return ptx_of(frame, report).key
    return library_of(frame, integrator.precision, report).stem


@cache
def _loaded(library: Path) -> Any:
    found = ctypes.CDLL(str(library))
    found.population_run.argtypes = (
        ctypes.POINTER(Shape),
        ctypes.POINTER(Request),
        ctypes.POINTER(Answer),
        ctypes.c_long,
    )
    found.population_free.argtypes = (Doubles,)
    return found


_ENTRY = """
extern "C" int population_run(Shape const* shape, Job const* jobs, Answer* answers, long count) {
    auto const make = [](long i, long segments, int const* nodes) -> std::unique_ptr<Block> {
        switch (i) {
CASES
        }
        return nullptr;
    };
    return run_all(shape, jobs, answers, count, make);
}

extern "C" void population_free(double* values) {
    std::free(values);
}
"""


def _cases(text: str) -> str:
    count = text.count("struct Membrane")
    return "\n".join(
        f"        case {n}: return std::make_unique<BlockOf<Membrane{n}>>(segments, nodes);"
        for n in range(count)
    )


def _silent(sentence: str) -> None:
    """Report to nobody."""
