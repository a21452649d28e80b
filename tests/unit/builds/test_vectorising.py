"""Which generated loops are vectorised, and what becomes of the stale copy of v."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.builds.vectorising import NotSafe, vectorise, write_program

LOOP = """\
        for (int id = 0; id < nodecount; id++) {
            int node_id = node_data.nodeindices[id];
            double v = node_data.node_voltages[node_id];
            auto* _ppvar = _ml_arg->pdata[id];
            inst.ek[id] = (*inst.ion_ek[id]);
            double gk, e;
            e = exp( -inst.v_unused[id] / 10.0);
            if (fabs(e) < 0.01) {
                gk = inst.gbar[id] * e;
            } else if (e > 1e3) {
                gk = 0.0;
            } else {
                gk = inst.global->scale * pow(e, 2.0);
            }
            inst.ik[id] = gk * (inst.v_unused[id] - inst.ek[id]);
            (*inst.ion_ik[id]) += inst.ik[id];
            node_data.node_rhs[node_id] -= inst.ik[id];
        }
"""
HEAD = "    static void nrn_cur_K(const token& _sorted_token, NrnThread* nt, int _type) {\n"
START = "        auto nodecount = _ml_arg->nodecount;\n"
CODE = (
    f"#include <Eigen/Dense>\n#include <math.h>\n\nnamespace neuron {{\n{HEAD}{START}{LOOP}    }}\n"
)


def test_a_loop_of_independent_segments_is_vectorised() -> None:
    assert f'{START}        _Pragma("omp simd")\n        for (int id' in vectorise(CODE)


def test_v_is_read_anew() -> None:
    found = vectorise(CODE)
    assert "v_unused" not in found
    assert "exp( -v / 10.0)" in found


def test_exp_ends_where_neurons_does() -> None:
    found = vectorise(CODE)
    assert "e = bounded_exp( -v / 10.0);" in found
    assert found.count("double bounded_exp(double x)") == 1


def test_state_loops_get_a_v_to_read() -> None:
    kept = "inst.v_unused[id] = node_data.node_voltages[node_id];"
    code = CODE.replace("double v = node_data.node_voltages[node_id];", kept)
    assert vectorise(code.replace("nrn_cur", "nrn_state")) == vectorise(CODE).replace(
        "nrn_cur", "nrn_state"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "inst.global->minf = 1.0;",
        "_thread_vars.minf(id) = 1.0;",
        "inst.ik[0] = 1.0;",
        "inst.ik[id + 1] = 1.0;",
        "inst.a[id * 3] = 1.0;",
        "(*inst.p[id]) = 1.0;",
        "node_data.node_rhs[id] -= 1.0;",
        "inst.ik[id] = gk = 1.0;",
        "inst.ik[id] = scop_random();",
        "rates_K(_lmc, inst, node_data, id, _ppvar, _thread, nt, v);",
        "nrn_wrote_conc(_ca_sym, 1.0);",
        "for (int i = 0; i < 3; i++) {",
        "while (gk < 1.0) {",
        "return 1;",
        "#pragma omp critical",
        "gk++;",
    ],
)
@pytest.mark.parametrize("function", ["nrn_cur", "nrn_state", "nrn_current", "ode_update_stiff"])
def test_anything_else_is_left_to_nocmodl(statement: str, function: str) -> None:
    code = CODE.replace("gk = 0.0;", statement).replace("nrn_cur", function)
    with pytest.raises(NotSafe, match=function):
        vectorise(code)


def test_other_functions_are_left_as_they_are() -> None:
    code = CODE.replace("nrn_cur", "nrn_init").replace("gk = 0.0;", "inst.global->minf = 1.0;")
    assert "omp simd" not in vectorise(code)


def test_the_program_runs_this_python_from_any_folder(tmp_path: Path) -> None:
    program = write_program(tmp_path / "translate")
    ended = subprocess.run(
        [program, "no-such.mod", "-o", tmp_path], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert sys.executable in program.read_text()
    assert "no-such.mod" in ended.stderr
