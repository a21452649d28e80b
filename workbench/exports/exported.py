"""What came of an export."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.engines import Integrator
from workbench.errors import InputError
from workbench.exports.comparing import Nearness


@dataclass(frozen=True)
class Verified:
    """What came of one protocol.

    Attributes
    ----------
    integrator
        Of the export.
    nearness
        To ours with the same integrator.
    cost
        To ours with the study's own integrator, where that is another.
    """

    integrator: Integrator
    nearness: Nearness
    cost: Nearness | None = None


@dataclass(frozen=True)
class Scored:
    """What came of one parameter set where a tool scores by itself.

    Attributes
    ----------
    params
        The set's name.
    integrator
        Of the export.
    apart_SD
        The largest distance of a score to ours with the same integrator.
    cost_SD
        To ours with the study's own, where that is another.
    """

    params: str
    integrator: Integrator
    apart_SD: float
    cost_SD: float | None = None


@dataclass(frozen=True)
class Exported:
    """A model in another tool's format.

    Attributes
    ----------
    folder
        Where it is.
    format
        Its format.
    protocols
        By protocol, how near the export is to us.
    left_behind
        What is not handed on, though no recording depends on it, a sentence each.
    scored
        How near its scores are to ours, where it has scores.
    """

    folder: Path
    format: str
    protocols: Mapping[str, Verified]
    left_behind: tuple[str, ...]
    scored: Scored | None = None

    def __repr__(self) -> str:
        said = [f"{name} {one.nearness}" for name, one in self.protocols.items()]
        if self.scored is not None:
            said.append(f"scores of {self.scored.params} within {self.scored.apart_SD:.2g} SD")
        return f"<Exported {self.folder} ({self.format}): {', '.join(said)}>"


def unverified(out: Path) -> Path:
    """Return what an export is called until it is verified.

    Raises
    ------
    InputError
        If there is something of this name, or of the export's own.
    """
    before = out.with_name(f"{out.name}.unverified")
    for there in (out, before):
        if there.exists():
            raise InputError(f"{there} is there already; name a new folder")
    return before
