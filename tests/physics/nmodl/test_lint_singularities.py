"""Rates that are 0/0 at one voltage, in the forms in which they are written."""

import pytest

from workbench.nmodl import Finding, lint

CHANNEL = """
NEURON { THREADSAFE SUFFIX chan NONSPECIFIC_CURRENT i }
UNITS { (mV) = (millivolt) (mA) = (milliamp) }
ASSIGNED { v (mV) i (mA/cm2) celsius (degC) }
BREAKPOINT {
    i = rate(v)
}
FUNCTION rate(v (mV)) {
    LOCAL a, x
CODE
    rate = a
}
END
"""
SINGULAR = [
    ("a = 0.1*(v + 40)/(exp((v + 40)/9) - 1)", ""),
    ("a = (v + 40)/(1 - exp(-(v + 40)/9))", ""),
    ("a = 1/(-1 + exp(v/9))", ""),
    ("a = (v + 40)/(9*(1 - exp(v/9)))", ""),
    ("a = trap(v, 9)", "FUNCTION trap(x, y) {\n trap = x/(exp(x/y) - 1) : FAULT\n}"),
    ("x = exp(v/9)\n a = v/(x - 1) : FAULT", ""),
    ("x = 1 - exp(v/9)\n a = v/x : FAULT", ""),
    (
        "a = v/(safe(v/9) - 1)",
        "FUNCTION safe(x) { IF (x < 99) { safe = exp(x) } ELSE { safe = 1 } }",
    ),
    ("IF (v == 0) { a = 9 } ELSE {\n a = v/(exp(v/9) - 1) : FAULT\n }", ""),
    ("x = v\n IF (x == 0) { x = 1e-4 }\n a = x/(exp(x/9) - 1) : FAULT", ""),
    # Too late: a is computed from x, and only v is moved.
    ("x = v\n IF (fabs(v) < 1) { v = 1 }\n a = x/(exp(x/9) - 1) : FAULT", ""),
    # A condition that chooses a slope keeps nothing from the point.
    ("IF (v < 0) { x = 3 } ELSE { x = 4 }\n a = v/(exp(v/x) - 1) : FAULT", ""),
    # A condition on something else.
    ("IF (celsius > 20) { a = v/(exp(v/9) - 1) } : FAULT", ""),
]
GUARDED = [
    ("IF (fabs(v) < 1e-2) { a = 9 } ELSE { a = v/(exp(v/9) - 1) }", ""),
    ("x = v/9\n IF (x > -0.01 && x < 0.01) { a = 9 } ELSE { a = v/(exp(x) - 1) }", ""),
    ("x = v\n IF (fabs(x) < 1e-4) { x = 1e-4 }\n a = x/(exp(x/9) - 1)", ""),
    ("a = v/(1 + exp(-v/9))", ""),
    ("a = (1 - exp(-dt/9))", ""),
    ("a = v/(1 - exp(-dt/9))", ""),
    ("a = trap(v, 9)", "FUNCTION trap(x, y) {\n IF (fabs(x/y) < 1e-6) { trap = y*(1 - x/y/2) }\n"
     " ELSE { trap = x/(exp(x/y) - 1) }\n}"),
]  # fmt: skip


def text(code: str, end: str, marker: str = "") -> str:
    line = code + (marker if "FAULT" not in code + end else "")
    return CHANNEL.replace("CODE", line).replace("END", end)


FAULTY = [text(*case, marker=" : FAULT") for case in SINGULAR]
CLEAN = [text(*case) for case in GUARDED]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    folder = tmp_path_factory.mktemp("rates")
    texts = {f"faulty{n}.mod": text for n, text in enumerate(FAULTY)}
    texts |= {f"clean{n}.mod": text for n, text in enumerate(CLEAN)}
    for name, content in texts.items():
        (folder / name).write_text(content)
    findings = lint(folder)
    return {name: [one for one in findings if one.file == name] for name in texts}


@pytest.mark.parametrize("number", range(len(FAULTY)))
def test_a_singular_rate_is_found(found: dict[str, list[Finding]], number: int) -> None:
    lines = FAULTY[number].splitlines()
    (fault,) = [n for n, line in enumerate(lines, 1) if line.rstrip().endswith("FAULT")]
    findings = found[f"faulty{number}.mod"]
    assert [(f.rule, f.line) for f in findings] == [("unguarded-singularity", fault)], findings


@pytest.mark.parametrize("number", range(len(CLEAN)))
def test_a_guarded_rate_is_fine(found: dict[str, list[Finding]], number: int) -> None:
    assert found[f"clean{number}.mod"] == []


def test_a_guard_of_the_point_alone_is_called_weak(found: dict[str, list[Finding]]) -> None:
    weak = [n for n, one in enumerate(FAULTY) if "== 0" in one]
    messages = {n: found[f"faulty{n}.mod"][0].message for n in range(len(FAULTY))}
    assert weak
    assert [n for n, said in messages.items() if "only at the very point" in said] == weak
