"""Rules about names that NEURON 9, C++ or the translators use for something else."""

from collections.abc import Iterator

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile

_WORDS_OF_CPP = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl const
    const_cast constexpr continue decltype default delete do double dynamic_cast enum explicit
    export extern false float for friend goto inline int long mutable namespace new noexcept not
    not_eq nullptr operator or or_eq private protected public register reinterpret_cast return
    short signed sizeof static static_assert static_cast struct switch template this thread_local
    throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t xor
    xor_eq
"""
_DECLARING = (
    "Argument",
    "AssignedDefinition",
    "ConstantVar",
    "DerivativeBlock",
    "FactorDef",
    "FromStatement",
    "FunctionBlock",
    "KineticBlock",
    "LocalVar",
    "ParamAssign",
    "ProcedureBlock",
)


@rule("reserved-name", "coreneuron", "neuron9")
def reserved_name(file: ModFile) -> Iterator[Remark]:
    """Find names that are words of C++, to which mod files are translated."""
    words = set(_WORDS_OF_CPP.split())
    for name, node in file.named(*_DECLARING).items():
        if name in words:
            yield (
                node.line,
                f"{name} is a word of C++, to which NEURON 9 and CoreNEURON translate this file",
                f"another name, such as {name}_",
            )


@rule("variable-and-function", "neuron9", "coreneuron")
def variable_and_function(file: ModFile) -> Iterator[Remark]:
    """Find names of a variable and of a function at once."""
    for name, node in file.variables.items():
        if name in file.routines:
            yield (
                node.line,
                f"{name} is a variable and also a routine (line {file.routines[name].line}); "
                "NEURON 9 refuses this",
                "rename one of them",
            )


@rule("ion-in-constant", "neuron9", "coreneuron")
def ion_in_constant(file: ModFile) -> Iterator[Remark]:
    """Find CONSTANTs that USEION declares too."""
    ionic = {name for ion in file.ions for name in (*ion.reads, *ion.writes)}
    for name, node in file.constants.items():
        if name in ionic:
            yield (
                node.line,
                f"{name} is a variable of an ion (USEION) and cannot be a CONSTANT",
                f"declare {name} under ASSIGNED and set it on the section, or rename the constant",
            )


@rule("constant-assigned", "coreneuron", "result")
def constant_assigned(file: ModFile) -> Iterator[Remark]:
    """Find assigned constants, of the UNITS or the CONSTANT block."""
    for one in file.first_assignments({**file.unit_constants, **file.constants}):
        yield (
            one.line,
            f"{one.name} is a constant and is assigned",
            "another variable for the changed value",
        )


@rule("state-name-clash", "neuron9")
def state_name_clash(file: ModFile) -> Iterator[Remark]:
    """Find variables named like a STATE and a 0, which is the STATE's initial value."""
    for state in file.states:
        clashing = file.variables.get(state + "0")
        # As a PARAMETER it sets the initial value: NMODL's own way.
        if clashing is not None and clashing.name not in file.parameters:
            yield (
                clashing.line,
                f"{clashing.name} is also the name of STATE {state}'s initial value; NEURON "
                "refuses the file",
                f"rename {clashing.name} or {state}",
            )
