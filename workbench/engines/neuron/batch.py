"""What is simulated together: the jobs that CoreNEURON can advance in one `psolve`."""

from collections.abc import Sequence

from workbench.engines.job import Job
from workbench.protocols import Protocol


def starting_mV(job: Job, protocol: Protocol) -> float:
    """Return the voltage at which a job begins: its protocol's own, else its cell's."""
    own = protocol.v_init_mV
    return job.recipe.v_init_mV if own is None else float(own)


def temperature_degC(job: Job, protocol: Protocol) -> float:
    """Return the temperature of a job: its protocol's own, else its cell's."""
    own = protocol.celsius_degC
    return job.recipe.celsius_degC if own is None else float(own)


def companies(jobs: Sequence[Job], protocols: Sequence[Protocol]) -> list[list[int]]:
    """Group jobs, by number, that become cells of one `psolve`.

    Elsewhere each job is alone. In CoreNEURON those of one recipe go together that share what a
    process has only once: step, order, temperature, starting voltage, duration. Their company
    decides the last digits where mechanisms are compiled for the processor, so it must not depend
    on anything but them: jobs of another recipe, so of another individual, never join.

    Parameters
    ----------
    jobs
        Those of one call.
    protocols
        Theirs, bound.
    """
    found: dict[object, list[int]] = {}
    for number, (job, protocol) in enumerate(zip(jobs, protocols, strict=True)):
        shared = (
            # An individual's jobs hold one object; comparing recipes would cost more than it gains.
            id(job.recipe),
            job.integrator,
            protocol.duration_ms,
            starting_mV(job, protocol),
            temperature_degC(job, protocol),
        )
        alone = job.integrator.engine != "coreneuron"
        found.setdefault(number if alone else shared, []).append(number)
    return list(found.values())
