"""The equations of a .mod file: what they declare, and what this engine has no place for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from workbench.errors import EngineError
from workbench.nmodl import ModFile
from workbench.nmodl import Node as Piece
from workbench.nmodl.modfile import all_assignments, own_names, written_as

FARADAY_C_per_mol = 96485.33212331001
GAS_J_per_mol_K = 8.31446261815324
"""As NEURON 9 has them: the SI of 2019."""
_COMPUTED = {
    "BreakpointBlock",
    "DerivativeBlock",
    "FunctionBlock",
    "InitialBlock",
    "KineticBlock",
    "LinearBlock",
    "ProcedureBlock",
}


class UntranslatedError(EngineError):
    """A .mod file holds what this engine does not compute; says what and where."""


@dataclass(frozen=True, eq=False)
class Equations:
    """What a density mechanism or a point process computes.

    Attributes
    ----------
    file
        Its syntax tree.
    """

    file: ModFile

    @property
    def suffix(self) -> str:
        """Its name."""
        return self.file.suffix

    @property
    def is_point(self) -> bool:
        """Whether it stands at points: its currents are in nA."""
        return self.file.kind == "POINT_PROCESS"

    @cached_property
    def states(self) -> tuple[str, ...]:
        """What a run carries on, ions' concentrations among it; of an array each element."""
        names = (*self.file.states, *self._kept)
        return tuple(one for name in names for one in self.elements(name))

    @cached_property
    def _kept(self) -> tuple[str, ...]:
        """What INITIAL sets from what moves, and no step after it."""
        file = self.file
        moving = {"v", *file.states, *file.given_units} - {"celsius", "area", "diam"}
        set_there = [
            one.name
            for block in file.reached("InitialBlock")
            for one in all_assignments(block)
            if one.name not in own_names(block)
        ]
        return tuple(
            name
            for name in dict.fromkeys(set_there)
            if name in file.assigned
            and name not in (*self.changed, *file.states, *file.given_units)
            and file.origins([name]) & moving
        )

    def elements(self, name: str) -> tuple[str, ...]:
        """Return the name of a variable; those of its elements if it is an array."""
        node = self.file.states.get(name) or self.file.assigned.get(name)
        if node is None or "[" not in node.text:
            return (name,)
        size = next(node.all("Integer"))
        return tuple(f"{name}[{place}]" for place in range(int(self.file.number(size))))

    def where(self, state: str) -> Piece:
        """Return where a state is declared."""
        return self.file.variables[state.partition("[")[0]]

    @cached_property
    def concentrations(self) -> tuple[str, ...]:
        """Those that it writes."""
        currents = self.file.currents
        return tuple(n for ion in self.file.ions for n in ion.writes if n not in currents)

    @cached_property
    def parameters(self) -> Mapping[str, float]:
        """Declared value of each PARAMETER; NEURON takes 0 where the file gives none."""
        return {
            name: self.declared(node)
            for name, node in self.file.parameters.items()
            if name not in self.file.given_units
        }

    def declared(self, node: Piece) -> float:
        """Return the number behind the name of a PARAMETER or CONSTANT, with its sign."""
        text = node.text.partition("=")[2].strip().partition("(")[0].partition("<")[0]
        try:
            return float("".join(text.split())) if text else 0.0
        except ValueError:
            raise self.refusal(node, f"{node.name} = {text}, which is no number") from None

    @cached_property
    def changed(self) -> frozenset[str]:
        """What BREAKPOINT, and all that it solves and calls, assigns besides STATEs.

        Whoever reads such a variable before it is set means what another block, or the step before,
        has left there.
        """
        return frozenset(
            one.name
            for block in self.file.reached("BreakpointBlock")
            for one in all_assignments(block)
            if one.name not in own_names(block)
        )

    def is_global(self, name: str) -> bool:
        """Whether a PARAMETER has one value in the whole process."""
        return name not in self.file.ranges

    def check(self) -> None:
        """Refuse kinds of blocks and variables that this engine has no place for.

        Raises
        ------
        UntranslatedError
            With file and line.
        """
        computed = _COMPUTED | ({"NetReceiveBlock"} if self.is_point else set())
        for block in self.file.blocks:
            if block.kind not in computed:
                raise self.refusal(block, written_as(block))
        if self.file.kind != "SUFFIX" and not self.is_point:
            raise self.refusal(self.file.tree, f"a {self.file.kind or 'file without SUFFIX'}")
        if self.is_point and self.file.ions:
            raise self.refusal(next(self.file.tree.all("Useion")), "a point process with an ion")
        for what in ("ElectrodeCurVar", "PointerVar", "RandomVar", "Verbatim", "Include"):
            for node in self.file.tree.all(what):
                raise self.refusal(node, f"{node.text.split()[0]} ({what})")
        for node in self.file.file_locals.values():
            raise self.refusal(node, f"the LOCAL {node.name} outside of all blocks")

    def refusal(self, where: Piece, what: str) -> UntranslatedError:
        """Return the error that names a piece of the file."""
        return UntranslatedError(
            f"the population engine cannot compute {self.file.name}, line {where.line}: {what}; "
            "choose engine = 'neuron'"
        )
