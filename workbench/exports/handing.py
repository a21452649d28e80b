"""Hand a model on: written, run where there is no workbench, compared, and only then named so."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from workbench.engines import Failure
from workbench.engines.tasks import simulate
from workbench.errors import InputError
from workbench.evaluations import in_rounds, simulated
from workbench.exports.bluepyopt.handing import hand_to_bluepyopt
from workbench.exports.exported import Exported, Verified, unverified
from workbench.exports.formats import BLUEPYOPT, Format, format_named
from workbench.exports.model import Model, model_of
from workbench.exports.obstacles import left_behind
from workbench.exports.running import Environment
from workbench.exports.verifying import verify
from workbench.features import Missing
from workbench.protocols import Protocol
from workbench.studies import Study
from workbench.workers import ProcessWorkers


def hand_on(
    study: Study,
    values: Mapping[str, float],
    label: str,
    name: str,
    out: Path,
    say: Callable[[str], None],
    protocols: Sequence[str] = (),
    file: Path | None = None,
    python: Path | None = None,
) -> Exported:
    """Write a model in a format, and compare what it does with ours.

    Parameters
    ----------
    values, label
        A parameter set, and what it is called.
    name
        The format.
    out
        A new folder. Until the export is verified it is called `OUT.unverified`.
    say
        Is told what takes long.
    protocols
        Names of protocols; by default all of the study.
    file
        The morphology's file, for BluePyOpt to read by itself.
    python
        The Python of the environment in which the export is run; by default this one.

    Raises
    ------
    InputError
        With everything that the format cannot say, if there is no such format or protocol, or if
        the folder is there already.
    NotTheSame
        If the export does something else than we do; the message says where they part.
    """
    where = Environment() if python is None else Environment(str(python))
    if name == BLUEPYOPT:
        if protocols:
            raise InputError("BluePyOpt is given the protocols that have targets, all of them")
        return hand_to_bluepyopt(study, values, label, out, file, say, where)
    form = format_named(name)
    if file is not None:
        raise InputError(f"--file {file} is for BluePyOpt; {form.title} needs no file")
    chosen: list[Protocol] = [study.protocol(one) for one in dict.fromkeys(protocols)]
    told = _with_numbers(study, values, tuple(chosen or study.protocols), say)
    model = model_of(study, values, label, told, form.cvode)
    if found := list(form.obstacles(model)):
        listed = "\n".join(f"  {obstacle}" for obstacle in found)
        raise InputError(
            f"{study.name} cannot be handed on as {form.title}:\n{listed}\n"
            "Export a copy of the study without these, or some of its protocols (--protocol)"
        )
    folder = unverified(out)
    where.check(form.module, form.package)
    write(model, form, folder)
    verified = verify(model, folder, form, say, where)
    left = tuple(left_behind(model))
    readme = _readme(model, form, verified, left, where.pinned(form.package))
    (folder / "README.md").write_text(readme, encoding="utf-8")
    folder.rename(out)
    return Exported(out, name, verified, left)


def _with_numbers(
    study: Study,
    values: Mapping[str, float],
    protocols: tuple[Protocol, ...],
    say: Callable[[str], None],
) -> tuple[Protocol, ...]:
    """Return protocols with numbers for what is found on the cell.

    Raises
    ------
    InputError
        If the cell has no such current.
    """
    relative = [protocol for protocol in protocols if protocol.sought]
    if not relative:
        return protocols
    say(f"finding the currents of {', '.join(one.name for one in relative)} on this cell")
    recipe = study.problem.recipe.with_values(values)
    plan = simulated(recipe, relative, study.problem.integrator_of)
    with ProcessWorkers(1) as workers:
        [found] = in_rounds([plan], lambda jobs: simulate(jobs, workers))
    for name, outcome in found.outcomes.items():
        if isinstance(outcome, Missing):
            raise InputError(f"{study.name}: {name}: {outcome.reason}")
        if isinstance(outcome, Failure):
            raise InputError(f"{study.name}: {name}: {outcome}")
    numbered = {protocol.name: protocol for protocol in found.protocols}
    return tuple(numbered.get(protocol.name, protocol) for protocol in protocols)


def write(model: Model, form: Format, folder: Path) -> None:
    """Write a model into a new folder, with its mechanisms."""
    folder.mkdir(parents=True)
    form.write(model, folder)
    for one in model.recipe.mechanisms if form.mechanisms else ():
        sources = folder / form.mechanisms
        sources.mkdir(exist_ok=True, parents=True)
        for name, text in one.sources:
            (sources / name).write_text(text, encoding="utf-8")


def _readme(
    model: Model,
    form: Format,
    verified: Mapping[str, Verified],
    left: Sequence[str],
    packages: str,
) -> str:
    inner, _, sources = form.mechanisms.rpartition("/")
    compiled = f"(cd {inner} && nrnivmodl {sources})" if inner else f"nrnivmodl {sources}"
    usage = [f"pip install {packages}", *[compiled] * bool(sources and model.recipe.mechanisms)]
    usage += form.usage
    rows = [
        f"| {name} | {one.integrator} | {one.nearness} | {_cost(model, name, one)} |"
        for name, one in verified.items()
    ]
    lines = [
        f"# {model.study.title}: {model.label}, as {form.title}",
        f"Written from the study {model.name}. In this folder:",
        "\n".join(f"    {line}" for line in usage),
        "Each protocol was run here without the workbench, and its traces were compared with the "
        "workbench's. A voltage is within so many mV of the other's within so many ms of its time; "
        "no two spikes are farther apart than that.",
        "| protocol | steps | same steps in the workbench | the study's own steps |\n"
        "|---|---|---|---|\n" + "\n".join(rows),
    ]
    if left:
        lines.append("Left behind: " + "; ".join(left) + ".")
    return "\n\n".join(lines) + "\n"


def _cost(model: Model, name: str, one: Verified) -> str:
    return "the same" if one.cost is None else f"{one.cost} of {model.own[name]}"
