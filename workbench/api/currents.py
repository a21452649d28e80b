"""The currents that make a response, from Python."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.calibration import checked_here
from workbench.runs import Currents, Params, currents_of, write_currents
from workbench.runs.models import model_named, run_meant
from workbench.studies import EngineChoice, Study, with_engine

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CurrentsResult:
    """The currents through the membrane of one segment while a cell responds.

    Attributes
    ----------
    found
        The same as arrays.
    """

    found: Currents

    def __repr__(self) -> str:
        return repr(self.found).replace("Currents", "CurrentsResult", 1)

    def table(self) -> "pd.DataFrame":
        """Return a row a time: `t_ms`, `v_mV`, each current and `capacitive` in mA/cm2.

        Outward currents are above 0.
        """
        import pandas as pd

        return pd.DataFrame(self.found.columns())

    def shares(self, inward: bool = True) -> "pd.DataFrame":
        """Return the share of each current in all that flows inward, or outward, a row a time."""
        import pandas as pd

        shares = pd.DataFrame(self.found.shares(inward).T, columns=list(self.found.names))
        shares.insert(0, "t_ms", self.found.t_ms)
        return shares

    def spikes(self) -> "pd.DataFrame":
        """Return a row a spike and current: its share of the charge that makes it rise and fall.

        `rise` is of the inward charge from a millisecond before the voltage crosses -20 mV to the
        peak, `fall` of the outward charge from the peak to the trough after it.
        """
        import pandas as pd

        return pd.DataFrame(self.found.spikes())

    def plot(
        self, window_ms: tuple[float, float] | None = None, out: str | Path | None = None
    ) -> Any:
        """Draw voltage, currents and their shares over time; return the figure.

        Parameters
        ----------
        window_ms
            From when to when; by default all, and the first spike beside it.
        out
            A .png, .svg or .pdf file to write as well.
        """
        from workbench.reports.currents_figure import draw_currents

        return draw_currents(self.found, window_ms, out)


def currents(
    study: str | Path | Study,
    protocol: str,
    params: Params | None = None,
    *,
    pick: int | str | None = None,
    site: str = "soma(0.5)",
    morphology: str | None = None,
    engine: str | EngineChoice | None = None,
) -> CurrentsResult:
    """Return which currents cross the membrane at a site while a cell responds to a protocol.

    NEURON computes them, under the study's integrator or, where that records voltages alone, with
    CVODE.

    Parameters
    ----------
    study, params, pick
        As in `sensitivity`. Of a run it is kept as `currents.npz`, for its report.
    protocol
        The name of a protocol of the study.
    site
        A place on the cell, such as "apical@620um".
    morphology
        Of a study with several morphologies, the name of one.
    engine
        As in `fit`.

    Raises
    ------
    InputError
        If the study, the set, the protocol, the site or the engine cannot be used.
    LedgerError
        If the run cannot be read, or its study has changed or moved.
    EngineError
        If it cannot be simulated.

    Examples
    --------
    >>> import workbench as wb
    >>> found = wb.currents("hodgkin_huxley", "pulse", "published")
    >>> found.found.names
    ('hh.il', 'hh.ik', 'hh.ina')
    """
    given, values, _ = model_named(study, pick, params)
    folder = run_meant(study)
    given = with_engine(given, engine, check=checked_here).on_morphology(morphology)
    found = currents_of(given, values, protocol, site, _say)
    if folder is not None:
        write_currents(folder, found)
    return CurrentsResult(found)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
