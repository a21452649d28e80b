"""Options that several verbs share."""

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.studies import EngineChoice


def _offer(yes: bool) -> bool:
    from workbench.cli import fetching

    fetching.offer(yes)
    return yes


def _run_named(run: Path) -> Path:
    from workbench.runs.folder import run_named

    return run_named(run)


StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="A study's name or folder.")]
RunFolder = Annotated[
    Path,
    typer.Argument(metavar="RUN", help="A run folder, or its name in ./runs.", callback=_run_named),
]
TrustPython = Annotated[
    bool,
    typer.Option("--trust-python", help="Let Python beside the experiment's file run."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Params = Annotated[
    str | None,
    typer.Option(
        help="A named parameter set of the study, a JSON file, or a RUN for its best; RUN:3 is the "
        "third best, RUN:12/7 individual 7 of generation 12, RUN:pareto/4 of its archive."
    ),
]
Morphology = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Of a study with several morphologies: on which."),
]
RunOrStudy = Annotated[
    str, typer.Argument(metavar="RUN|STUDY", help="A run, or a study with --params.")
]
Pick = Annotated[
    str | None,
    typer.Option(
        metavar="N|G/I",
        help="Of a run, in the place of its best: the N-th of its Pareto archive, or individual I "
        "of generation G.",
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One parameter, such as g_pas.all=1e-4."),
]
Algorithm = Annotated[
    str | None,
    typer.Option(
        help="gp, ibea, nsga2, truncation, cma, mo-cma, screened or random; or steady-ibea, which "
        "waits for no generation: no worker is idle, and what is found depends on who was how "
        "quick, not on the seed alone."
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


def two(given: str, option: str, form: str) -> tuple[float, float]:
    """Return the two numbers of an option whose form is `LOW,HIGH`.

    Raises
    ------
    InputError
        If it has another form.
    """
    try:
        first, second = map(float, given.split(","))
    except ValueError:
        raise InputError(f"{option} {given!r} cannot be read; write {option} {form}") from None
    return first, second


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


def engine_options(
    engine: Annotated[
        str | None,
        typer.Option(
            help="auto (as calibrated or checked), neuron, coreneuron or population.",
            show_default=False,
        ),
    ] = None,
    dt: Annotated[float | None, typer.Option(metavar="MS", help="A fixed step.")] = None,
    order: Annotated[
        int | None, typer.Option(metavar="1|2", help="Backward Euler or Crank-Nicolson.")
    ] = None,
    cvode: Annotated[
        float | None, typer.Option(metavar="ATOL", help="CVODE with this absolute tolerance.")
    ] = None,
    adaptive: Annotated[
        float | None,
        typer.Option(
            metavar="MV",
            help="Adaptive steps of this local error: 0.02 keeps spikes within 0.1 ms in half a "
            "second, 0.1 within 0.2 ms.",
        ),
    ] = None,
    celsius: Annotated[float | None, typer.Option(metavar="C", help="Temperature.")] = None,
    gpu: Annotated[
        bool, typer.Option("--gpu", help="With --engine coreneuron or population: on a GPU.")
    ] = False,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="single|double",
            help="With --engine population: single takes half the time. Of a fit that chooses its "
            "engine itself, the precision alone.",
        ),
    ] = None,
) -> "EngineChoice":
    """Return what the options say of the engine; `takes_engine` gives them to a verb."""
    from workbench.studies import EngineChoice

    return EngineChoice(engine, dt, order, cvode, adaptive, celsius, gpu, precision)


ENGINE_OPTIONS = tuple(inspect.signature(engine_options).parameters)


def takes(
    name: str, options: Callable[..., Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb the parameters of `options` in place of its own of this name.

    The verb is called with what `options` makes of them.
    """
    inner = inspect.signature(options).parameters

    def given_to(verb: Callable[..., None]) -> Callable[..., None]:
        parameters: list[inspect.Parameter] = []
        for own in inspect.signature(verb).parameters.values():
            parameters += inner.values() if own.name == name else [own]

        @functools.wraps(verb)
        def called(**given: Any) -> None:
            made = options(**{word: given.pop(word) for word in inner})
            verb(**{name: made}, **given)

        # typer reads the one for the order and the defaults, the other for the types.
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        return called

    return given_to


takes_engine = takes("engine", engine_options)
