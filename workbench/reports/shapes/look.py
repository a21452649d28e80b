"""What a figure of a cell is to show, as words that the command line and Python share."""

from dataclasses import dataclass
from typing import Any, Literal

from workbench.cells import DIRECTIONS, Direction
from workbench.cells.electrotonic import GATES, Gates
from workbench.errors import InputError, unknown
from workbench.units import amount

Kind = Literal["projection", "dendrogram", "sholl", "electrotonic", "3d"]
"""The figures that there are."""

Plane = Literal["xy", "xz", "zy"]
"""What a projection shows, to the right and upwards."""

Along = Literal["path", "area", "electrotonic"]
"""What is counted along a dendrogram: um, um2 or space constants."""

KINDS: tuple[Kind, ...] = ("projection", "dendrogram", "sholl", "electrotonic", "3d")
"""All kinds."""

PLANES: tuple[Plane, ...] = ("xy", "xz", "zy")
"""All planes."""

ALONGS: tuple[Along, ...] = ("path", "area", "electrotonic")
"""All that is counted."""


@dataclass(frozen=True, eq=False)
class Look:
    """How a cell is drawn; what a kind does not ask for has no effect on it.

    Attributes
    ----------
    kind
        One of `KINDS`.
    colour
        "region", a word for a value (see `values.VALUES`), a variable that is painted on the cell,
        or values: a table with columns `section`, `x` and a value, the path of such a .csv, or a
        mapping from sections, or (section, x), to values.
    value
        Which column of a table is shown, where it has several.
    limits
        The values at the ends of the colour bar; by default the smallest and the largest.
    log
        The colour bar is logarithmic, and what is not above 0 has no colour.
    plane
        Of a projection and an electrotonic transform.
    along
        Of a dendrogram.
    site, direction
        From where, or to where, attenuations are.
    step_um
        Between the spheres of a Sholl analysis.
    gates, frequency_Hz
        Of cable measures; see `electrotonic`.

    Raises
    ------
    InputError
        If a word or a number is none of those allowed.
    """

    kind: Kind = "projection"
    colour: Any = "region"
    value: str | None = None
    limits: tuple[float, float] | None = None
    log: bool = False
    plane: Plane = "xy"
    along: Along = "path"
    site: str = "soma(0.5)"
    direction: Direction = "out"
    step_um: float = 10.0
    gates: Gates = "frozen"
    frequency_Hz: float = 0.0

    def __post_init__(self) -> None:
        for what, allowed in (
            ("kind", KINDS),
            ("plane", PLANES),
            ("along", ALONGS),
            ("direction", DIRECTIONS),
            ("gates", GATES),
        ):
            if getattr(self, what) not in allowed:
                raise InputError(unknown(what, getattr(self, what), allowed))
        amount("frequency_Hz", self.frequency_Hz)
        if not amount("step_um", self.step_um) > 0:
            raise InputError(f"step_um is {self.step_um}, it must be above 0")
        if self.limits is not None:
            object.__setattr__(self, "limits", _pair(self.limits))
        if self.kind == "sholl" and not self.by_region:
            raise InputError("a Sholl figure has a line for each region; leave colour out")

    @property
    def by_region(self) -> bool:
        """Whether the colours are those of the regions."""
        return isinstance(self.colour, str) and self.colour == "region"


def _pair(limits: Any) -> tuple[float, float]:
    try:
        low, high = (amount("limits", one) for one in limits)
    except (TypeError, ValueError):
        raise InputError(f"limits is {limits!r}; give two numbers, such as (0, 1)") from None
    if not low < high:
        raise InputError(f"limits is ({low:g}, {high:g}); the first must be below the second")
    return low, high
