"""A cell's shape: a tree of sections, its regions, and where it comes from."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from workbench.digests import digest
from workbench.errors import MorphologyError, unknown
from workbench.morphology.dividing import divided
from workbench.morphology.drawing import as_svg
from workbench.morphology.regions.asking import cuts_of, sections_in
from workbench.morphology.regions.named import GivenRegion, NamedRegion, named_regions
from workbench.morphology.section import REGIONS
from workbench.morphology.section_tree import SectionTree

_EDITS_SHOWN = 4


@dataclass(frozen=True, eq=False)
class Morphology(SectionTree):
    """A tree of sections and its regions.

    Two morphologies with the same digest are equal, whatever their names.

    Parameters
    ----------
    name
        What the cell is called.
    sections
        Every parent stands before its children; the first is the root. Sections of one region
        keep the order in which NEURON would number them.
    soma_model
        How the soma was made from the file ("neuron", "sphere", "cylinder", "given").
    source
        Where the shape comes from, in words.
    notes
        What a reader of the file should know (oddities that were read over).
    unlike_neuron
        What NEURON's own Import3d makes otherwise of the same file.
    edits
        What was done to the shape since, in order, each as a text that `edit_morphology` takes.
    unedited
        The shape before the first of them, so that they can be done anew with other arguments.
    regions
        Regions with names of their own, see `with_regions`. They enter the digest.

    Raises
    ------
    MorphologyError
        No section, or a parent that does not stand before its child.
    """

    soma_model: str = "given"
    source: str = ""
    notes: tuple[str, ...] = ()
    unlike_neuron: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    unedited: "Morphology | None" = None
    regions: tuple[NamedRegion, ...] = ()

    def __repr__(self) -> str:
        parts = [
            f"{len(self.indices(region))} {region} ({self.length_um(region):.0f} um)"
            for region in REGIONS
            if self.indices(region)
        ]
        edits = [text.partition(" ")[0] for text in self.edits]
        if len(edits) > _EDITS_SHOWN:
            edits[_EDITS_SHOWN:] = [f"{len(edits) - _EDITS_SHOWN} more"]
        edited = f"; edited: {', '.join(edits)}" if edits else ""
        named = f"; regions: {', '.join(one.name for one in self.regions)}" if self.regions else ""
        return f"<Morphology {self.name}: {len(self)} sections; {', '.join(parts)}{named}{edited}>"

    def _repr_html_(self) -> str:
        return f"<div>{as_svg(self.sections)}<p>{html.escape(repr(self))}</p></div>"

    @cached_property
    def digest(self) -> str:
        """Sha256 of the geometry and the regions (not of name, source or notes), in hexadecimal."""
        return digest((self.sections, self.regions) if self.regions else self.sections)

    def indices(self, region: str = "all") -> tuple[int, ...]:
        """Return the indices of a region's sections, of every section for "all".

        A section's own name ("apic[36]") is a region of one. One with a name of its own is asked
        for on this tree, which may be another one than it was written for.

        Raises
        ------
        MorphologyError
            Not a region, or one that names what this tree does not have, or ends inside of a
            section. (A region without sections is an empty answer.)
        """
        if region in ("all", *REGIONS) or "[" in region:
            return super().indices(region)
        if region not in (names := self.region_names):
            raise MorphologyError(unknown("region", region, ("all", *names)))
        return sections_in(self, self.regions, region)

    @property
    def region_names(self) -> tuple[str, ...]:
        """The four regions, and those with names of their own."""
        return (*REGIONS, *(one.name for one in self.regions))

    def with_regions(self, regions: Mapping[str, GivenRegion]) -> "Morphology":
        """Return the cell with more regions, usable wherever one of the four is.

        What they hold is asked of the tree as it is, and asked again after each edit.

        Parameters
        ----------
        regions
            By name, in which places it is: an expression, as in `"apical and distance_um > 700"`;
            a list of names and expressions, which it unites; or a table of `where`, one of these,
            and `cut`, which cuts sections where the region ends inside of them. A name that is
            there already gets another meaning. `docs/regions.md` has all words.

        Raises
        ------
        MorphologyError
            A name or expression that cannot be used, a section or site that is not there, or a
            region that ends inside of a section and does not cut.

        Examples
        --------
        >>> from workbench.morphology import load_morphology
        >>> tuft = {"where": "apical and distance_um > 700", "cut": True}
        >>> cell = load_morphology("traub_ca3").with_regions({"tuft": tuft})
        >>> len(cell.indices("tuft")), round(cell.length_um("tuft"), 1)
        (5, 562.5)
        """
        named = {one.name: one for one in self.regions}
        named |= {one.name: one for one in named_regions(regions)}
        if not named:
            return self
        cell = replace(self, regions=tuple(named.values()))
        for one in cell.regions:
            if cuts := cuts_of(cell, cell.regions, one):
                cell = replace(cell, sections=divided(cell, cuts, continues=True))
        return cell
