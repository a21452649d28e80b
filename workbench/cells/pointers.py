"""POINTERs of mechanisms: variables of elsewhere that they read."""

from dataclasses import dataclass

from workbench.cells.placed import OnPlaced, parse_where
from workbench.morphology import Site


@dataclass(frozen=True)
class Pointer:
    """A POINTER of a mechanism, and the variable that it reads.

    Attributes
    ----------
    of
        Whose it is: the name of what is placed, all whose points read the same, or the suffix of a
        density mechanism, in all segments that have it.
    name
        The POINTER's name in the .mod file.
    site
        Where the variable is, as a site or its text (`soma(0.5)`), or a placed point (`syn[3]`);
        None for the segment in which the mechanism itself is.
    variable
        NEURON's name of a range variable there (`v`, `cai`), or a placed point's own (`g`).

    Raises
    ------
    MorphologyError
        If a text names no site.

    Examples
    --------
    >>> Pointer("syn", "pre", "soma(0.5)")
    <Pointer pre.syn: v at soma[0](0.5)>
    >>> Pointer("kca", "calcium", variable="cai")
    <Pointer calcium.kca: cai of its own segment>
    """

    of: str
    name: str
    site: Site | OnPlaced | str | None = None
    variable: str = "v"

    def __post_init__(self) -> None:
        if isinstance(self.site, str):
            object.__setattr__(self, "site", parse_where(self.site))

    def __str__(self) -> str:
        where = "of its own segment" if self.site is None else f"at {self.site}"
        return f"{self.name}.{self.of}: {self.variable} {where}"

    def __repr__(self) -> str:
        return f"<Pointer {self}>"
