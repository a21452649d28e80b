"""Options that several verbs share."""

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

from workbench.errors import InputError, unknown

if TYPE_CHECKING:
    from workbench.engines import EngineName
    from workbench.studies import Study


def _offer(yes: bool) -> bool:
    from workbench.cli import fetching

    fetching.offer(yes)
    return yes


Engine = Annotated[
    str | None,
    typer.Option(help="auto (as calibrated), neuron or coreneuron.", show_default=False),
]
Dt = Annotated[float | None, typer.Option(metavar="MS", help="A fixed step.")]
Order = Annotated[int | None, typer.Option(metavar="1|2", help="Backward Euler or Crank-Nicolson.")]
Cvode = Annotated[
    float | None, typer.Option(metavar="ATOL", help="CVODE with this absolute tolerance.")
]
Adaptive = Annotated[
    float | None,
    typer.Option(
        metavar="MV",
        help="Adaptive steps of this local error: 0.02 keeps spikes within 3 ms in a second, 0.005 "
        "within 1 ms.",
    ),
]
Gpu = Annotated[bool, typer.Option("--gpu", help="With --engine coreneuron: on a GPU.")]
Celsius = Annotated[float | None, typer.Option(metavar="C", help="Temperature.")]
Algorithm = Annotated[
    str | None,
    typer.Option(
        help="ibea, nsga2, cma, mo-cma or random; or steady-ibea, which waits for no generation: "
        "no worker is idle, and what is found depends on who was how quick, not on the seed alone."
    ),
]
Workers = Annotated[
    int | None, typer.Option(help="Worker processes; default one for each processor.")
]
Walltime = Annotated[
    str | None,
    typer.Option(metavar="HH:MM:SS", help="Stop in time to be gone after this; `resume` goes on."),
]
Moved = Annotated[str | None, typer.Option("--study", help="The study, if it has moved since.")]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes", help="Fetch a morphology that is missing without asking.", callback=_offer
    ),
]
AcceptChanges = Annotated[
    bool,
    typer.Option(
        "--accept-changes",
        help="Go on although compiler, processor, NEURON or eFEL changed since; the report tells.",
    ),
]

FIELDS_STEP_ms = 0.025
"""The fixed step that the field uses; taken where an option asks for a fixed step unsaid."""


@dataclass(frozen=True)
class EngineChoice:
    """The engine options as they were given; None is the study's own."""

    engine: str | None
    dt: float | None
    order: int | None
    cvode: float | None
    celsius: float | None
    gpu: bool = False
    adaptive: float | None = None

    def apply(self, study: "Study") -> "Study":
        """Return the study with these options in place of its own choice.

        Raises
        ------
        InputError
            If there is no such engine.
        EngineError
            If they cannot go together.
        """
        from workbench.engines import EngineName, Integrator

        allowed = ("auto", *get_args(EngineName))
        if self.engine is not None and self.engine not in allowed:
            raise InputError(unknown("engine", self.engine, allowed))
        if self.engine == "auto":
            study = self._calibrated(study)
        own = study.problem.integrator
        engine = own.engine if self.engine in (None, "auto") else self.engine
        given = self._steps()
        if len(given) > 1:
            raise InputError(f"{' and '.join(given)} exclude one another; give one")
        fixed = self.dt is not None or self.order is not None or self.engine == "coreneuron"
        dt_ms, atol, step_error_mV = self.dt, self.cvode, self.adaptive
        order = self.order or (own.order if fixed else 1)
        if not given and fixed:
            dt_ms = own.dt_ms or FIELDS_STEP_ms
        elif not given:
            order, dt_ms, atol, step_error_mV = own.order, own.dt_ms, own.atol, own.step_error_mV
        # Both are words of the command line; the integrator says which are allowed.
        integrator = Integrator(
            cast("EngineName", engine),
            dt_ms,
            cast("Literal[1, 2]", order),
            atol,
            own.steps_per_ms,
            own.native,
            self.gpu or own.gpu,
            step_error_mV,
        )
        if integrator != own:
            study = study.with_integrator(integrator)
        return study if self.celsius is None else study.with_celsius(self.celsius)

    def _steps(self) -> list[str]:
        """Return the options that say how steps are chosen."""
        options = {"--dt": self.dt, "--cvode": self.cvode, "--adaptive": self.adaptive}
        return [name for name, value in options.items() if value is not None]

    def _calibrated(self, study: "Study") -> "Study":
        from workbench.studies import calibrated

        if self._steps() or self.order is not None:
            raise InputError(
                "--engine auto takes step and tolerance from the calibration; leave "
                "--dt, --order, --cvode and --adaptive out"
            )
        found = calibrated(study)
        if found is None:
            raise InputError(
                f"--engine auto: {study.name} has no calibration; `workbench calibrate "
                f"{study.name}` makes one"
            )
        setting, table = found
        return replace(setting.apply(study), accuracy=str(table))


def count(workers: int | None) -> int:
    """Return the number of workers that was asked for, or one for each processor allowed.

    Raises
    ------
    InputError
        If the machine could not hold them.
    """
    if workers is not None:
        from workbench.workers import check_count

        check_count(workers)
        return workers
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def bindings_of(given: list[str]) -> dict[str, float | str]:
    """Return the `KEY=VALUE` texts of --with: numbers, or quantities and sites as text.

    Raises
    ------
    InputError
        If one has another form.
    """
    found: dict[str, float | str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise InputError(f"--with {text!r} cannot be read; write --with KEY=VALUE")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            found[name.strip()] = value.strip()
    return found


def pairs(given: list[str], option: str) -> dict[str, float]:
    """Return `NAME=VALUE` texts as numbers by name.

    Raises
    ------
    InputError
        If one has another form.
    """
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise InputError(f"{option} {text!r} cannot be read; write {option} NAME=NUMBER")
    return found
