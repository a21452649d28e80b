"""Run a batch of jobs, an individual in each lane of the processor's vectors."""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.builds import Report, build_text
from workbench.cells import CellRecipe
from workbench.engines.job import Failure, FailureKind, Integrator, Job, Outcome, Precision
from workbench.engines.neuron.stepping import most_steps
from workbench.engines.population.cuda.compiling import ptx_of
from workbench.engines.population.cuda.gpu import gpu_with
from workbench.engines.population.cuda.running import Blocks
from workbench.engines.population.driving import events_of
from workbench.engines.population.equations import UntranslatedError
from workbench.engines.population.frame import Frame, frame_of
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
from workbench.morphology import locate
from workbench.protocols import EPSP, Played, Protocol, Step, Stimulus, Traces, find_defect

_HERE = Path(__file__).parent
_FLAGS = "-march=native -fno-math-errno -fno-trapping-math -fno-signed-zeros"
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
        recipe = jobs[0].recipe
        frame = frame_of(recipe)
        kernel = self._kept(frame, jobs[0].integrator)
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
        told = _Told(frame)
        plans = [told.plan(job.recipe, job.protocol) for job in jobs]
        requests = [_request(told, job, plan) for job, plan in zip(jobs, plans, strict=True)]
        # The longest first, so that no lane is left alone with one.
        order = sorted(range(len(jobs)), key=lambda n: -plans[n].protocol.duration_ms)
        answers = kernel.run(shape, [requests[n] for n in order])
        outcomes: dict[int, Outcome] = {}
        for answer, n in zip(answers, order, strict=True):
            outcomes[n] = _outcome(kernel, answer, jobs[n], plans[n].protocol)
        return [outcomes[n] for n in range(len(jobs))]

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


@dataclass(frozen=True, eq=False)
class _Plan:
    """A bound protocol, and its part of a request: counts, and pointers that keep their arrays."""

    protocol: Protocol
    longest_ms: float
    fields: tuple[Any, ...]


class _Told:
    """The numbers of cells and protocols: the same ones are looked up once for all jobs."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._cells: dict[tuple[int, float], tuple[Any, ...]] = {}
        self._plans: dict[tuple[int, int], _Plan] = {}

    def cell(self, recipe: CellRecipe, celsius_degC: float) -> tuple[Any, ...]:
        """Return the cell's part of a request: pointers that keep their arrays."""
        key = id(recipe), celsius_degC
        if key not in self._cells:
            one = self.frame.values(recipe, celsius_degC)
            passive = one.axial_uS, one.capacitance_nF, self.frame.areas_1e_2um2
            arrays = *passive, one.shared, one.own
            self._cells[key] = tuple(pointer(array, Doubles) for array in arrays)
        return self._cells[key]

    def plan(self, recipe: CellRecipe, protocol: Protocol) -> _Plan:
        """Return a protocol as the kernel takes it; weights of events may be the cell's."""
        key = id(protocol), id(recipe) if protocol.events else 0
        if key not in self._plans:
            self._plans[key] = _plan(self.frame, recipe, protocol.bound())
        return self._plans[key]


def _plan(frame: Frame, recipe: CellRecipe, protocol: Protocol) -> _Plan:
    courses = [_course(one, protocol) for one in protocol.stimuli]
    stimulated = np.array([_node(frame, one.site) for one in protocol.stimuli], np.int32)
    knots = np.array([len(t) for t, _ in courses], np.int64)
    t = np.concatenate([np.zeros(0), *(t for t, _ in courses)])
    nA = np.concatenate([np.zeros(0), *(i for _, i in courses)])
    events = events_of(frame, recipe, protocol)
    jumping = [at for s in protocol.stimuli for at in s.jumps_ms(protocol.duration_ms)]
    jumps = np.unique([*jumping, *events.times_ms])
    recorded = np.array([_recorded(frame, protocol, one) for one in protocol.recordings], np.int32)
    fields = (
        len(jumps),
        pointer(jumps, Doubles),
        len(stimulated),
        pointer(stimulated, Ints),
        pointer(knots, Longs),
        pointer(t, Doubles),
        pointer(nA, Doubles),
        len(recorded),
        pointer(recorded, Ints),
        len(events.times_ms),
        pointer(events.times_ms, Doubles),
        pointer(events.blocks, Ints),
        pointer(events.points, Ints),
        pointer(events.weights, Doubles),
    )
    longest_ms = min((s.longest_step_ms() for s in protocol.stimuli), default=np.inf)
    return _Plan(protocol, longest_ms, fields)


def _request(told: _Told, job: Job, plan: _Plan) -> Request:
    integrator, recipe, protocol = job.integrator, job.recipe, plan.protocol
    celsius = recipe.celsius_degC if protocol.celsius_degC is None else protocol.celsius_degC
    v = recipe.v_init_mV if protocol.v_init_mV is None else protocol.v_init_mV
    return Request(
        float(v),
        protocol.duration_ms,
        plan.longest_ms,
        integrator.step_error_mV or 0.0,
        _ASTRAY_mV,
        _budget(integrator, protocol),
        *told.cell(recipe, float(celsius)),
        *plan.fields,
    )


def _budget(integrator: Integrator, protocol: Protocol) -> int:
    return min(int(integrator.steps_per_ms * protocol.duration_ms), most_steps(protocol))


def _node(frame: Frame, site: Any) -> int:
    return frame.network.node(*locate(site, frame.recipe.morphology))


def _recorded(frame: Frame, protocol: Protocol, recording: Any) -> int:
    if recording.variable != "v":
        raise UntranslatedError(
            f"{protocol.name} records {recording.name}; the population engine records v alone; "
            "choose engine = 'neuron'"
        )
    return _node(frame, recording.site)


def _course(stimulus: Stimulus, protocol: Protocol) -> tuple[Floats, Floats]:
    if isinstance(stimulus, Played):
        return stimulus.course(protocol.duration_ms + 1.0)
    if isinstance(stimulus, Step):
        on = float(stimulus.delay_ms)
        off, nA = on + float(stimulus.duration_ms), float(stimulus.amplitude_nA)
        return np.array([on, on, off, off]), np.array([0.0, nA, nA, 0.0])
    if isinstance(stimulus, EPSP):
        since = _curve_ms(float(stimulus.tau_rise_ms), protocol.duration_ms)
        t = float(stimulus.delay_ms) + since
        return t, stimulus.current_nA(t)
    raise UntranslatedError(
        f"{protocol.name}: the population engine has no {stimulus.kind}; choose engine = 'neuron'"
    )


def _curve_ms(fastest_ms: float, until_ms: float) -> Floats:
    """Return times between which a curve of exponentials is straight to 3e-6 of its scale.

    Steps of 0.5 % of the time constant, and later of all that has passed.
    """
    share = 0.005
    count = int(np.log1p(until_ms / fastest_ms) / np.log1p(share)) + 2
    return np.asarray(fastest_ms * ((1 + share) ** np.arange(count) - 1))


def _outcome(kernel: Kernel, answer: Answer, job: Job, protocol: Protocol) -> Outcome:
    flat = kernel.samples(answer, 1 + len(protocol.recordings))
    if _OUTCOMES[answer.outcome] == "out of steps":
        message = (
            f"{_budget(job.integrator, protocol)} steps led to {answer.t_ms:.1f} of "
            f"{protocol.duration_ms:g} ms; steps_per_ms allows more"
        )
        return Failure(FailureKind.TOO_MANY_STEPS, message)
    recorded = {
        one.name: np.ascontiguousarray(flat[:, 1 + place])
        for place, one in enumerate(protocol.recordings)
    }
    traces = Traces(protocol.name, np.ascontiguousarray(flat[:, 0]), recorded)
    for name in recorded:
        if defect := find_defect(traces[name], protocol.duration_ms):
            return Failure(FailureKind[defect.kind.name], defect.message)
    return traces


def check_bound(protocol: Protocol, frame: Frame) -> None:
    """Refuse stimuli and recordings of a bound protocol that this engine has not.

    Raises
    ------
    EngineError
        With the first of them.
    """
    for stimulus in protocol.stimuli:
        _course(stimulus, protocol)
    for recording in protocol.recordings:
        _recorded(frame, protocol, recording)
    for one in protocol.maps:
        raise UntranslatedError(
            f"{protocol.name} has the map {one.name}; the population engine keeps none; choose "
            "engine = 'neuron'"
        )


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
