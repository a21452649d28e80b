"""Every error that the workbench raises on purpose.

    WorkbenchError                the run cannot go on                     exit code 1
    ├── InputError                what the user gave cannot be used        exit code 2
    │   ├── StudyError            a study's TOML files
    │   ├── MorphologyError       a morphology file, a region, a site on it
    │   └── MechanismError        a .mod file, a suffix, a mechanism parameter
    ├── BuildError                nrnivmodl or the compiler failed         exit code 2
    ├── LedgerError               a run folder damaged, in use, outdated   exit code 2
    ├── EngineError               what an engine cannot do was asked       exit code 2
    ├── WorkerError               a worker process raised or could not start
    ├── LaunchError               MPI ranks that cannot work together      exit code 2
    ├── AllFailed                 no individual of a fit came through      exit code 1
    ├── NotCalibrated             too few individuals to judge by          exit code 1
    ├── NotReproduced             a published number was missed            exit code 1
    ├── NotTaken                  an engine refuses published numbers      exit code 3
    ├── NotTheSame                two cells that were compared differ      exit code 1
    └── StoppedEarly              stopped on request, can be resumed       exit code 75

A bad parameter set is not an error: the engines answer it with a `Failure` value.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class WorkbenchError(Exception):
    """The run cannot go on."""

    exit_code = 1


class InputError(WorkbenchError):
    """What the user gave cannot be used; the message says what would do."""

    exit_code = 2


class StudyError(InputError):
    """A study's TOML files do not describe a problem."""


class MorphologyError(InputError):
    """A morphology file, a region or a site on a morphology cannot be used."""


class MechanismError(InputError):
    """A .mod file, a suffix or a mechanism parameter cannot be used."""


class BuildError(WorkbenchError):
    """The mechanisms could not be compiled."""

    exit_code = 2


class LedgerError(WorkbenchError):
    """A run folder is damaged, in use by another run, or of another version."""

    exit_code = 2


class EngineError(WorkbenchError):
    """An engine was asked for something that it cannot compute."""

    exit_code = 2


class WorkerError(WorkbenchError):
    """A worker process raised an exception or could not be started."""


class NotReproduced(WorkbenchError):  # noqa: N818 - it is an answer, not a fault
    """A number that a study has to reproduce was missed."""


class NotTaken(WorkbenchError):  # noqa: N818 - it is an answer, not a fault
    """Numbers that a study has to reproduce, and an engine refuses; all others hold."""

    exit_code = 3


class NotTheSame(WorkbenchError):  # noqa: N818 - it is an answer, not a fault
    """Two morphologies that were compared differ."""


class AllFailed(WorkbenchError):  # noqa: N818 - it is an ending, not a fault
    """Every individual of a fit failed: there is no model, and nothing for a search to learn."""


class NotCalibrated(WorkbenchError):  # noqa: N818 - it is an answer, not a fault
    """Too few individuals do what the targets ask: nothing is known of a setting's errors."""


class StoppedEarly(WorkbenchError):  # noqa: N818 - it is an ending, not a fault
    """A fit was stopped before its end, `workbench resume` goes on; or a calibration."""

    exit_code = 75


class LaunchError(WorkbenchError):
    """The MPI ranks of a run cannot work together: another MPI, other code, other mechanisms."""

    exit_code = 2


def unknown(what: str, given: object, allowed: Iterable[str]) -> str:
    """Return a sentence that says what was given, what is allowed and what is nearest.

    >>> unknown("region", "apcal", ["apical", "basal"])
    "unknown region 'apcal'; did you mean 'apical'? Allowed: apical, basal"
    """
    names = sorted(allowed)
    text = shortened(str(given))
    near = get_close_matches(text, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    listed = ", ".join(names) if names else "none"
    return f"unknown {what} {text!r}{hint} Allowed: {listed}"


def shortened(text: str, most: int = 100) -> str:
    """Return a text that fits into a message, what is too long left out in its middle.

    >>> shortened("abcdefghijklmnop", 9)
    'abcd…mnop'
    """
    if len(text) <= most:
        return text
    behind = (most - 1) // 2
    return f"{text[: most - 1 - behind]}…{text[len(text) - behind :]}"
