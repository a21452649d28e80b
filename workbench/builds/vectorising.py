"""`python -m workbench.builds.vectorising X.mod -o FOLDER ...`: nocmodl's place in a build.

nocmodl's loops over segments call the rates as functions, and no compiler vectorises them. NMODL's
generator can inline them; told that the segments of such a loop are independent, the compiler then
computes eight at a time. But NMODL's code for NEURON is young. So it is used only for a density
mechanism that is made of constructs known to be right (`refusal`), and only if each statement of
its loops is of a kind known to be independent (`vectorise`). nocmodl translates all else, file by
file: one library may hold code of both.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from workbench.scratch import scratch_folder

# Kinds of nodes in the parser's tree. What is missing here is either known to be wrong in NMODL's
# code for NEURON or was never compared with nocmodl's: NET_RECEIVE, VERBATIM, KINETIC, TABLE,
# POINTER, RANDOM, WHILE, ...
_KNOWN = """
ARGUMENT ASSIGNED_BLOCK ASSIGNED_DEFINITION BINARY_EXPRESSION BLOCK_COMMENT
BREAKPOINT_BLOCK CONDUCTANCE_HINT DERIVATIVE_BLOCK DIFF_EQ_EXPRESSION DOUBLE DOUBLE_UNIT
ELSE_IF_STATEMENT ELSE_STATEMENT EXPRESSION_STATEMENT FACTOR_DEF FUNCTION_BLOCK FUNCTION_CALL
GLOBAL GLOBAL_VAR IF_STATEMENT INITIAL_BLOCK INTEGER LIMITS LINE_COMMENT LOCAL_LIST_STATEMENT
LOCAL_VAR MODEL NAME NEURON_BLOCK NONSPECIFIC NONSPECIFIC_CUR_VAR PARAM_ASSIGN PARAM_BLOCK
PAREN_EXPRESSION PRIME_NAME PROCEDURE_BLOCK PROGRAM RANGE RANGE_VAR READ_ION_VAR SOLVE_BLOCK
STATEMENT_BLOCK STATE_BLOCK STRING SUFFIX THREAD_SAFE UNARY_EXPRESSION UNIT
UNIT_BLOCK UNIT_DEF UNIT_STATE USEION VALENCE VAR_NAME WRAPPED_EXPRESSION WRITE_ION_VAR
"""
_GEOMETRY = {"area", "diam"}

_FUNCTION = re.compile(
    r"^    (?:static |inline )+\w+ "
    r"(nrn_(?:cur|current|state|jacob)|ode_(?:setup|update)_(?:non)?stiff)_\w+"
    r"\([^()]*\) \{\n(.*?)^    \}\n",
    re.MULTILINE | re.DOTALL,
)
# Only KINETIC, LINEAR and NONLINEAR need it; it takes a third of the compile time.
_EIGEN = re.compile(r"^#include <Eigen/.*\n", re.MULTILINE)
# nocmodl's exp is NEURON's own, which ends at exp(700), so that exp(x)/(1 + exp(x)) never is NaN.
_EXP = re.compile(r"\bexp\(")
_NAMESPACE = "\nnamespace neuron {\n"
_BOUNDED_EXP = """\
    static inline double bounded_exp(double x) {
        return exp(x > 700.0 ? 700.0 : x);
    }
"""
_LOOP = "        for (int id = 0; id < nodecount; id++) {\n"
# NMODL keeps a copy of v that only nrn_init and nrn_state renew; CVODE and nrn_cur read it stale.
_COPY_V = "inst.v_unused[id] = node_data.node_voltages[node_id];"
_READ_V = "double v = node_data.node_voltages[node_id];"

# Each target belongs to one segment, so that no pass of the loop reads or writes what another
# writes. Variables of the instance stand in arrays of their own, at [id]. A density mechanism is
# at most once in a segment and each segment has a node of its own, so node_id differs from pass to
# pass; so does the ion's instance, which belongs to the node. Several mechanisms write one ion's
# current, but in loops of their own, one after the other. A bare name is a local variable.
_TARGET = (
    r"(?:(?:double )?\w+|inst\.\w+\[id\]|\(\*inst\.ion_\w+\[id\]\)"
    r"|node_data\.node_(?:rhs|diagonal)\[node_id\])"
)
_STATEMENT = re.compile(
    rf"{_TARGET} [-+]?= [^=;{{}}]+;|double \w+(?:, \w+)*;"
    r"|int node_id = node_data\.nodeindices\[id\];|auto\* _ppvar = _ml_arg->pdata\[id\];"
    r"|auto v = node_data\.node_voltages \? [^;]+;|return (?:0|current);"
    r"|ode_update_\w+\(_lmc, inst, node_data, id, _ppvar, _thread, nt\);"
    r"|(?:\} else )?if \([^{}]+\) \{|\} else \{|[{}]|"
)
_CALL = re.compile(r"(\w+)\(")
# These are looked at like the loops that call them.
_CHECKED = ("nrn_current_", "ode_update_")
_PURE = {"if", "bounded_exp", "log", "log10", "pow", "sqrt", "fabs", "sin", "cos", "tan", "tanh"}


PROGRAM = Path(__file__).read_text(encoding="utf-8")
"""This file: what a vectorised build computes depends on it."""


class NotSafe(Exception):  # noqa: N818 - not an error: nocmodl translates the file instead
    """Why the generated code is not used."""


def write_program(file: Path) -> Path:
    """Write the executable that nrnivmodl is to call instead of nocmodl, and return it."""
    command = shlex.join([sys.executable, "-m", "workbench.builds.vectorising"])
    file.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    file.chmod(0o755)
    return file


def main() -> None:
    """Translate one file, as nocmodl would: `X.mod -o FOLDER`, other words are for NMODL."""
    mod, folder = Path(sys.argv[1]), Path(sys.argv[3])
    try:
        code = vectorise(_generated(mod))
    except NotSafe as why:
        print(f"{mod}: left to nocmodl: {why}", flush=True)
        command = [_tool("nocmodl"), str(mod), "-o", str(folder)]
        sys.exit(subprocess.run(command, check=False).returncode)
    print(f"{mod}: vectorised", flush=True)
    (folder / mod.with_suffix(".cpp").name).write_text(code, encoding="utf-8")


def vectorise(code: str) -> str:
    """Return NMODL's C++ with vectorised loops over segments.

    Raises
    ------
    NotSafe
        If a loop holds anything that is not known to be independent of the other segments.
    """
    code = code.replace(_COPY_V, _READ_V).replace("inst.v_unused[id] = v;", "")
    code = _EIGEN.sub("", code.replace("inst.v_unused[id]", "v"))
    code = _EXP.sub("bounded_exp(", code).replace(_NAMESPACE, _NAMESPACE + _BOUNDED_EXP, 1)
    return _FUNCTION.sub(_vectorised, code)


def _vectorised(function: re.Match[str]) -> str:
    name, body = function[1], function[2]
    before, loop, inside = body.rpartition(_LOOP)
    for line in map(str.strip, inside.splitlines()):
        if not _STATEMENT.fullmatch(line):
            raise NotSafe(f"{name} holds {line}")
    calls = {call for call in _CALL.findall(inside) if not call.startswith(_CHECKED)}
    if not calls <= _PURE:
        raise NotSafe(f"{name} calls {', '.join(sorted(calls - _PURE))}")
    if not loop:
        return function[0]
    return function[0].replace(body, f'{before}        _Pragma("omp simd")\n{loop}{inside}')


def _generated(mod: Path) -> str:
    for why in refusals(mod.read_text(encoding="utf-8")):
        raise NotSafe(why)
    with scratch_folder() as folder:
        command = [_tool("nmodl"), str(mod), "-o", folder, "--scratch", folder, "--neuron"]
        # Without --cvode the library would register no derivatives, and CVODE go wrong silently.
        command += ["passes", "--inline", "codegen", "--cvode"]
        ended = subprocess.run(command, capture_output=True, check=False)
        if ended.returncode != 0:
            # SymPy, for one, takes a parameter named gamma for its function.
            raise NotSafe(f"NMODL's generator ends with status {ended.returncode}")
        return (Path(folder) / mod.with_suffix(".cpp").name).read_text(encoding="utf-8")


def _tool(name: str) -> str:
    """Return one of NEURON's programs; nrnivmodl, which runs this, says where NEURON is."""
    return str(Path(os.environ["NRNHOME"], "bin", name))


def refusals(text: str) -> Iterator[str]:
    """Say what in a .mod file NMODL's code for NEURON is not known to do right."""
    from neuron.nmodl import NmodlDriver, ast, visitor

    try:
        tree = NmodlDriver().parse_string(text)
    except RuntimeError as error:
        yield f"NMODL cannot read it: {error}"
        return
    look = visitor.AstLookupVisitor()
    kinds = {
        name: nodes
        for name, kind in ast.AstNodeType.__members__.items()
        # The visitor cannot hand out operators; what holds one is a node too.
        if not name.endswith("OPERATOR") and (nodes := look.lookup(tree, kind))
    }
    if unknown := kinds.keys() - _KNOWN.split():
        yield f"it has {', '.join(sorted(unknown))}"
        return
    if [one.type.get_node_name() for one in kinds.get("SUFFIX", ())] != ["SUFFIX"]:
        # Several points may share a node; and what a point receives is beyond the generator.
        yield "it is no density mechanism"
    if any(str(one.method.get_node_name()) != "cnexp" for one in kinds.get("SOLVE_BLOCK", ())):
        yield "a SOLVE has another METHOD than cnexp"
    for ion in kinds.get("USEION", ()):
        # The generated CVODE code does not look for a concentration in the ion, where it is.
        current = f"i{ion.name.get_node_name()}"
        if any(written.name.get_node_name() != current for written in ion.writelist):
            yield f"it writes more of an ion than {current}"
    if "READ_ION_VAR" in kinds and not kinds.keys() & {"WRITE_ION_VAR", "NONSPECIFIC_CUR_VAR"}:
        # The generated CVODE code relies on nrn_cur, which runs first, to have read the ions.
        yield "it reads an ion but carries no current"
    if used := _GEOMETRY & {one.get_node_name() for one in kinds.get("NAME", ())}:
        yield f"it uses {', '.join(sorted(used))}"


if __name__ == "__main__":
    main()
