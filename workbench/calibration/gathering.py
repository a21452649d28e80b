"""Who is simulated: individuals as a search meets them, enough of which do what the targets ask."""

from collections.abc import Sequence

import numpy as np

from workbench.arrays import Floats
from workbench.calibration.doing import ASKED, does, enough, rarest
from workbench.calibration.finding import find, values_or_none
from workbench.calibration.progress import Progress
from workbench.calibration.sampling import Individual, published, sample
from workbench.calibration.simulated import Simulations
from workbench.errors import NotCalibrated
from workbench.fitting import Problem
from workbench.studies import Study

Sample = list[Individual]


def gather(
    study: Study, each: int, seed: int, simulations: Simulations, progress: Progress
) -> tuple[Sample, Sample]:
    """Return individuals to choose a setting on, and others to check it on.

    A study whose published sets belong to its cell has others drawn, near and crossed with them;
    one without is searched for individuals that take their place. Where fewer than `each` do what
    the targets ask, more are searched for.

    Parameters
    ----------
    study
        With a setting that is cheap: here it only has to be seen who does.

    Raises
    ------
    NotCalibrated
        If too few are found.
    """
    problem, known = study.problem, published(study)
    if not known:
        found = find(study, 2 * each, seed, [], simulations, progress)
        halves = ({one.name: one.row for one in half} for half in (found[::2], found[1::2]))
        seen, unseen = (
            sample(problem, each, seed + i, half, known_too=True) for i, half in enumerate(halves)
        )
        return seen, unseen
    seen = sample(problem, each, seed, known, known_too=True)
    unseen = sample(problem, each, seed + 1, known, known_too=False)
    progress.say(f"simulating {len(seen) + len(unseen)} individuals, to see who does what is asked")
    values = values_or_none(problem, [*seen, *unseen], simulations)
    # One more than needed: who does so only just may do so no more when it has converged.
    lacking = [
        0 if enough(problem, part, each) else max(0, each - int(does(problem, part).sum())) + 1
        for part in np.split(values, [len(seen)])
    ]
    if any(lacking):
        doing = does(problem, values)
        rows = [one.row for one, good in zip([*seen, *unseen], doing, strict=True) if good]
        found = find(study, sum(lacking), seed, rows, simulations, progress)
        seen, unseen = [*seen, *found[: lacking[0]]], [*unseen, *found[lacking[0] :]]
    return seen, unseen


def demand(problem: Problem, each: int, values: Sequence[Floats], progress: Progress) -> None:
    """Refuse to go on with too few individuals that do what the targets ask.

    Parameters
    ----------
    values
        The converged values of those to choose on, and of those to check on, (n, k).

    Raises
    ------
    NotCalibrated
        With how many there are, and what to do.
    """
    counts = [int(does(problem, part).sum()) for part in values]
    said = " and ".join(f"{n} of {len(part)}" for n, part in zip(counts, values, strict=True))
    progress.say(
        f"{said} individuals, to choose on and to check on, do what the targets ask: they have "
        f"values of at least {100 * ASKED:g} % of the {len(problem.objectives)} features"
    )
    if not all(enough(problem, part, each) for part in values):
        raise NotCalibrated(
            f"{said} individuals, to choose on and to check on, do what the targets ask once their "
            f"values have converged; {each} of both are needed, and for each feature one of them "
            f"that has it. How many have the rarest: {rarest(problem, np.concatenate(values))}. "
            "Draw others (--seed) or more (--each), put a parameter set that has them into "
            "published.toml, or look at these targets"
        )
