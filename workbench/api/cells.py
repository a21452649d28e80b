"""A cell together with the protocols of its study, and how that is simulated."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.calibration import checked_here
from workbench.cells import (
    CellRecipe,
    Paint,
    Placed,
    PlacedPoint,
    Pointer,
    SegmentRule,
    Spines,
    Total,
    check_pointers,
)
from workbench.engines import Integrator
from workbench.mechanisms import read_mechanisms
from workbench.morphology import GivenRegion, Morphology, Site, parse_site
from workbench.protocols import Protocol
from workbench.runs import Params, with_params
from workbench.studies import EngineChoice, Study, cell_with_engine, load_study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Cell:
    """A cell that can be simulated.

    Attributes
    ----------
    recipe
        Morphology and painted mechanisms.
    study
        The study that it comes from: its protocols, and how they are integrated.
    """

    recipe: CellRecipe
    study: Study

    @property
    def protocols(self) -> Mapping[str, Protocol]:
        """The protocols of its study, by name."""
        return {protocol.name: protocol for protocol in self.study.protocols}

    @property
    def integrator(self) -> Integrator:
        """How it is simulated, but for protocols with an integrator of their own."""
        return self.study.problem.integrator

    @property
    def name(self) -> str:
        """The study's name."""
        return self.recipe.name

    @property
    def morphology(self) -> Morphology:
        """The cell's tree."""
        return self.recipe.morphology

    def with_morphology(self, morphology: Morphology) -> "Cell":
        """Return the same channels on another tree."""
        return replace(self, recipe=self.recipe.with_morphology(morphology))

    def with_regions(self, regions: Mapping[str, GivenRegion]) -> "Cell":
        """Return the cell with more named regions; see `Morphology.with_regions`.

        Raises
        ------
        InputError
            If one cannot be asked of its tree, or has the name of something placed.

        Examples
        --------
        >>> import workbench as wb
        >>> cell = wb.load_cell("traub_ca3").with_regions({"distal": "apical and tips"})
        >>> many = wb.Placed("many", "ExpSyn", {"region": "distal", "count": 3})
        >>> [cell.morphology.names[index] for index, x in many.points(cell.morphology)]
        ['apic[9]', 'apic[9]', 'apic[9]']
        """
        return self.with_morphology(self.morphology.with_regions(regions))

    def with_values(self, values: Mapping[str, float]) -> "Cell":
        """Return the cell with these parameters, named as in `<variable>.<region>`."""
        return replace(self, recipe=self.recipe.with_values(values))

    def with_globals(self, values: Mapping[str, float]) -> "Cell":
        """Return the cell with GLOBALs of its mechanisms, by NEURON's names, such as `alpha_kmdb`.

        Raises
        ------
        InputError
            If its mechanisms have no such GLOBAL, or a value cannot be.

        Examples
        --------
        >>> import workbench as wb
        >>> cell = wb.load_cell("van_elburg").with_globals({"closing_kca_ms": 100.0})
        >>> cell.recipe.values["closing_kca_ms"]
        100.0
        """
        more = {**self.recipe.global_values, **values}
        return replace(self, recipe=replace(self.recipe, global_values=more))

    def with_total(self, name: str, total_uS: float, at: Site | str | None = None) -> "Cell":
        """Return the cell with a conductance given as the total of a region.

        Parameters
        ----------
        name
            Of the density and the region, such as `gnabar_hh.axonal`; it stands in place of what
            the cell has under this name.
        at
            The site of the segment that has all of it; without one it is spread evenly over the
            region's membrane.

        Raises
        ------
        InputError
            If it is no conductance per area, there is no such region, or the site is not in it.

        Examples
        --------
        >>> import workbench as wb
        >>> cell = wb.load_cell("traub_ca3", params="published")
        >>> cell.with_total("g_pas.basal", 0.002).recipe.values["g_pas.basal"]
        0.002
        """
        variable, _, region = name.partition(".")
        site = parse_site(at) if isinstance(at, str) else at
        one, paint = Paint(variable, region, total_uS, Total(site)), self.recipe.paint
        if any(was.name == name for was in paint):
            paint = tuple(one if was.name == name else was for was in paint)
        else:
            paint = (*paint, one)
        ties = tuple(tie for tie in self.recipe.ties if tie.name != name)
        return replace(self, recipe=replace(self.recipe, paint=paint, ties=ties))

    def with_segments(self, segments: SegmentRule) -> "Cell":
        """Return the cell with its sections cut by another rule."""
        return replace(self, recipe=replace(self.recipe, segments=segments))

    def with_placed(self, *placed: Placed, folders: Sequence[str | Path] = ()) -> "Cell":
        """Return the cell with more point processes.

        Parameters
        ----------
        placed
            What is placed besides what is there.
        folders
            Folders of .mod files, or names of sets that ship, that the cell needs besides its own.

        Raises
        ------
        InputError
            If a folder cannot be read, or there is no such point process, parameter or site.

        Examples
        --------
        >>> import workbench as wb
        >>> cell = wb.load_cell("hodgkin_huxley", params="published")
        >>> syn = wb.Placed("syn", "AMPA", "soma(0.5)", {"weight": 0.01})
        >>> driven = cell.with_placed(syn, folders=["synapses"])
        >>> train = driven.protocol("step").with_events(wb.RegularEvents("syn", 5.0, 100.0, 3))
        >>> driven.recipe.placed[0].mechanism, train.events[0].count
        ('AMPA', 3)
        """
        known = {one.digest for one in self.recipe.mechanisms}
        more = [one for one in map(read_mechanisms, folders) if one.digest not in known]
        recipe = replace(
            self.recipe,
            mechanisms=(*self.recipe.mechanisms, *more),
            placed=(*self.recipe.placed, *placed),
        )
        return replace(self, recipe=recipe)

    def with_pointers(self, *pointers: Pointer) -> "Cell":
        """Return the cell with more POINTERs of its mechanisms set.

        Raises
        ------
        InputError
            If it has no such mechanism or POINTER, or no such variable at the site.

        Examples
        --------
        >>> import workbench as wb
        >>> wb.Pointer("syn", "pre", "soma(0.5)")
        <Pointer pre.syn: v at soma[0](0.5)>
        """
        recipe = replace(self.recipe, pointers=(*self.recipe.pointers, *pointers))
        check_pointers(recipe)
        return replace(self, recipe=recipe)

    def with_spines(self, *spines: Spines) -> "Cell":
        """Return the cell with more spines, whose membrane counts as that of the dendrite.

        Raises
        ------
        InputError
            If there is no such region, or what they scale has no value there.

        Examples
        --------
        >>> import workbench as wb
        >>> cell = wb.load_cell("hodgkin_huxley", params="published")
        >>> spiny = cell.with_spines(wb.Spines("all", 2.0, 0.83, scaled=("cm", "gl_hh")))
        >>> spiny.recipe.spines[0].area_um2
        0.83
        """
        recipe = replace(self.recipe, spines=(*self.recipe.spines, *spines))
        return replace(self, recipe=recipe)

    def placements(self) -> "pd.DataFrame":
        """Return where each placed point process stands.

        Returns
        -------
        pandas.DataFrame
            A row a point: `place`, `mechanism`, `number`, `section`, `x` and `distance_um`, the
            path from soma(0.5).

        Examples
        --------
        >>> import workbench as wb
        >>> cell = wb.load_cell("hodgkin_huxley", params="published")
        >>> syn = wb.Placed("syn", "ExpSyn", {"region": "all", "count": 2, "seed": 1})
        >>> cell.with_placed(syn).placements()["number"].tolist()
        [0, 1]
        """
        import pandas as pd

        return pd.DataFrame(self.recipe.placements(), columns=PlacedPoint._fields)

    def with_integrator(self, integrator: Integrator) -> "Cell":
        """Return the cell with another integrator, for all protocols."""
        return replace(self, study=self.study.with_integrator(integrator))

    def with_engine(self, engine: str | EngineChoice | None) -> "Cell":
        """Return the cell simulated as `fit` and `score` do with these words.

        Raises
        ------
        InputError
            If there is no such engine, the words exclude one another, or `auto` is asked for with
            another shape than the study's, which is not the one that was calibrated.
        EngineError
            If the engine cannot do what the words ask.
        """
        recipe, study = cell_with_engine(self.recipe, self.study, engine, checked_here)
        return replace(self, recipe=recipe, study=study)

    def protocol(self, protocol: str | Protocol) -> Protocol:
        """Return the protocol itself, or the one of this name.

        Raises
        ------
        StudyError
            If the study has no protocol of this name.
        """
        if isinstance(protocol, Protocol):
            return protocol
        return self.study.protocol(protocol)

    def __repr__(self) -> str:
        sections = len(self.morphology.sections)
        segments = sum(self.recipe.segment_counts)
        protocols = ", ".join(self.protocols)
        return f"<Cell {self.name}: {sections} sections, {segments} segments; {protocols}>"

    def _repr_html_(self) -> str:
        return f"<div>{self.morphology._repr_html_()}<p>{html.escape(repr(self))}</p></div>"


def load_cell(
    study: str | Path | Study, params: Params | None = None, *, morphology: str | None = None
) -> Cell:
    """Return the cell of a study.

    Parameters
    ----------
    study
        Name, folder, or as loaded.
    params
        As in `score`; what is free without it is still to be given with `with_values`.
    morphology
        Of a study with several morphologies, the name of one.

    Raises
    ------
    InputError
        If the study or the set cannot be found or read, or a run holds no such individual.
    LedgerError
        If the run cannot be read.
    AllFailed
        If no individual of the run could be simulated.

    Examples
    --------
    >>> import workbench as wb
    >>> cell = wb.load_cell("hodgkin_huxley", params="published")
    >>> cell.morphology.names
    ('soma[0]',)
    >>> sorted(cell.protocols)
    ['anode_break', 'propagation', 'pulse', 'step']
    """
    loaded = study if isinstance(study, Study) else load_study(study)
    loaded, values = with_params(loaded, params)
    loaded = loaded.on_morphology(morphology)
    return Cell(loaded.problem.recipe.with_values(values), loaded)
