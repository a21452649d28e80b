"""A recipe as NEURON sections: built once, painted as often as its numbers change."""

import contextlib
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from workbench.cells import CellRecipe, OnPlaced, Pointer
from workbench.engines.neuron.conduct import conduct_of
from workbench.engines.neuron.synapses import Points
from workbench.errors import EngineError, unknown
from workbench.morphology import Site, locate


class RefusedValueError(Exception):
    """NEURON does not take a painted number: a bad parameter set, not a mistake in the recipe."""


class LiveCell:
    """The NEURON sections of one recipe.

    Cells whose recipes have the same `frame` differ in painted numbers alone: `repaint` sets all
    that differ from those of the recipe before. The sections are nobody else's to paint.

    Raises
    ------
    EngineError
        If NEURON lacks a mechanism, or a section lacks a painted variable.
    RefusedValueError
        If NEURON does not take a number.
    """

    def __init__(self, h: Any, recipe: CellRecipe) -> None:
        self._h = h
        self.frame = recipe.frame
        self.conduct = conduct_of(recipe)
        self.morphology = recipe.morphology
        self._painted: CellRecipe | None = None
        self._values: dict[tuple[int, str], float | bytes] = {}
        self._streams: list[tuple[Any, tuple[int, int, int]]] = []
        self.points = Points()
        self.sections = [h.Section(name=name) for name in recipe.morphology.names]
        try:
            self._connect()
            for section, count in zip(self.sections, recipe.segment_counts, strict=True):
                section.nseg = count
            for region, suffix in recipe.inserted:
                for index in recipe.morphology.indices(region):
                    self._insert(index, suffix)
            self.points.place(h, recipe, self.sections)
            for reversal in recipe.held:
                self._hold(reversal.removeprefix("e"))
            for pointer in recipe.pointers:
                self._wire(pointer)
            # Kept, since NEURON forgets to free what stands for a stream.
            self._streams = list(self._find_streams())
            self.repaint(recipe)
        except BaseException:
            # The traceback would keep the sections alive, and NEURON would simulate them too.
            self.close()
            raise

    def repaint(self, recipe: CellRecipe) -> None:
        """Set the values that are others than before; where two paints reach one, the later."""
        if recipe is self._painted:
            return
        before, self._painted = self._painted, None
        last = {(one.section, one.variable): one.values for one in recipe.painted(before)}
        for (index, variable), values in last.items():
            section = self.sections[index]
            told = values.tobytes() if isinstance(values, np.ndarray) else values
            if self._values.get((index, variable)) == told:
                continue
            # What NEURON refuses half-way is neither the old value nor the new one.
            self._values.pop((index, variable), None)
            try:
                if isinstance(values, np.ndarray):
                    for segment, value in zip(section, values, strict=True):
                        setattr(segment, variable, float(value))
                else:
                    setattr(section, variable, values)
                self._values[index, variable] = told
            except (AttributeError, LookupError, TypeError) as error:
                raise EngineError(
                    f"{recipe.name}: {variable} cannot be painted in {section}: {error}"
                ) from None
            except (ValueError, RuntimeError) as error:
                raise RefusedValueError(
                    f"{section} does not take {variable} = {values}: {error}"
                ) from None
        self.points.paint(recipe, before)
        self._painted = recipe

    def restart_streams(self) -> None:
        """Begin each RANDOM variable's stream anew, one of its own for each segment.

        NEURON numbers streams as they are made: what is drawn would depend on how many cells this
        process has held.
        """
        for stream, numbers in self._streams:
            stream.set_ids(*numbers).set_seq(0)

    def at(self, site: Site) -> Any:
        """Return NEURON's segment at a site."""
        index, x = locate(site, self.morphology)
        return self.sections[index](x)

    def pointer(self, site: Site | OnPlaced, variable: str) -> Any:
        """Return NEURON's pointer to a variable at a site or of a placed point process.

        Raises
        ------
        EngineError
            If there is no such variable, or no such point.
        """
        if isinstance(site, OnPlaced):
            return self.points.pointer(site, variable)
        return self.pointer_in(*locate(site, self.morphology), variable)

    def pointer_in(self, section: int, x: float, variable: str) -> Any:
        """Return NEURON's pointer to a variable of the segment at a place of a section.

        Raises
        ------
        EngineError
            If the segment has no such variable.
        """
        return self._reference(self.sections[section](x), variable)

    def _reference(self, segment: Any, variable: str) -> Any:
        try:
            return getattr(segment, f"_ref_{variable}")
        except AttributeError:
            there = {v.name() for mechanism in segment for v in mechanism}
            raise EngineError(
                f"{segment}: {unknown('variable', variable, {'v', *there})}"
            ) from None

    def close(self) -> None:
        """Delete the sections and what stands on them."""
        self._streams = []
        self.points.close()
        for section in self.sections:
            # Somebody else in this process may have deleted it already.
            with contextlib.suppress(ReferenceError):
                self._h.delete_section(sec=section)
        self.sections = []

    def _find_streams(self) -> Iterator[tuple[Any, tuple[int, int, int]]]:
        for _, verdict in self.conduct.verdicts:
            yield from self.points.streams(verdict)
            for name in verdict.random:
                variable = zlib.crc32(f"{name}_{verdict.suffix}".encode())
                for number, section in enumerate(self.sections):
                    if section.has_membrane(verdict.suffix):
                        for place, segment in enumerate(section):
                            stream = getattr(getattr(segment, verdict.suffix), name)
                            yield stream, (number, place, variable)

    def _connect(self) -> None:
        for section, shape in zip(self.sections, self.morphology.sections, strict=True):
            if shape.parent >= 0:
                section.connect(self.sections[shape.parent](shape.parent_x), 0)
            if shape.is_cylinder:
                section.L = shape.length_um
                section.diam = float(shape.points[0, 3])
            else:
                for x, y, z, diameter_um in shape.points.tolist():
                    section.pt3dadd(x, y, z, diameter_um)

    def _hold(self, ion: str) -> None:
        """Let NEURON compute no reversal potential of an ion, and all else as before."""
        name = f"{ion}_ion"
        for section in self.sections:
            if section.has_membrane(name):
                style = int(self._h.ion_style(name, sec=section))
                self._h.ion_style(name, style & 3, 1, 0, 0, style >> 2 & 1, sec=section)

    def _wire(self, pointer: Pointer) -> None:
        """Let a POINTER read what it is said to, wherever its mechanism is."""
        assert not isinstance(pointer.site, str)
        points = self.points.of(pointer.of)
        if not points:
            carrying = (s for s in self.sections if s.has_membrane(pointer.of))
            points = [(one, getattr(one, pointer.of)) for s in carrying for one in s]
        source = self.pointer(pointer.site, pointer.variable) if pointer.site else None
        for segment, whose in points:
            own = source or self._reference(segment, pointer.variable)
            self._h.setpointer(own, pointer.name, whose)

    def _insert(self, index: int, suffix: str) -> None:
        try:
            self.sections[index].insert(suffix)
        except (ValueError, RuntimeError):
            raise EngineError(
                f"NEURON has no mechanism {suffix!r}; is its .mod file in the study's folders?"
            ) from None
