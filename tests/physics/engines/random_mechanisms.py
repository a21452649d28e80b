"""Mechanisms and trees that nobody wrote: gates, pools, ions, GLOBALs, functions with branches.

Whatever is drawn stays a membrane of reason: rates between 0.02 and 20 per ms, currents of a few
uA/cm2.
"""

from random import Random

from workbench.morphology import Cylinder, Region

HEAD = """
NEURON {{
    SUFFIX {suffix}
{uses}    RANGE {ranges}
    GLOBAL {globals}
}}
UNITS {{
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}}
PARAMETER {{
{parameters}
}}
CONSTANT {{ base = 3.5 }}
STATE {{ {states} }}
ASSIGNED {{
    v (mV) celsius (degC) q {assigned}
}}
"""


class Mechanism:
    """One random mechanism.

    Attributes
    ----------
    text
        Its file.
    writes
        Currents of ions that it writes.
    painted
        What a cell may paint of it, and GLOBALs that it may set, with values.
    """

    def __init__(self, random: Random, suffix: str, kind: str) -> None:
        self._random, self.suffix = random, suffix
        self.writes = {"k": ("ik",), "na": ("ina",), "ca": ("ica",)}.get(kind, ())
        self._functions: list[str] = []
        gates = [f"s{n}" for n in range(random.randint(1, 3))]
        half, slope = random.randint(-60, -10), random.randint(4, 15)
        uses = {
            "leak": "    NONSPECIFIC_CURRENT i\n",
            "k": "    USEION k READ ek WRITE ik\n",
            "na": "    USEION na READ ena WRITE ina\n",
            "ca": "    USEION ca READ cai, cao WRITE ica\n",
            "sk": "    USEION k READ ek WRITE ik\n    USEION ca READ cai\n",
        }[kind]
        own = {"leak": "i", "k": "ek ik", "na": "ena ina", "ca": "cai cao ica", "sk": "ek ik cai"}
        largest = "1e-5" if kind == "ca" else "4e-4"
        self.painted = {f"gmax_{suffix}": float(largest) * random.randint(2, 8) / 4}
        if random.random() < 0.5:
            self.painted[f"late_{suffix}"] = random.randint(1, 9) / 2
        self.global_values = {}
        if random.random() < 0.5:
            self.global_values[f"half_{suffix}"] = float(half + random.randint(-5, 5))
        slopes = [self._slope(gate, kind) for gate in gates]
        table = {f"{gate}_inf {gate}_tau" for gate in gates}
        named = " ".join(["qt", "g", *sorted(table)])
        parameters = [
            f"    gmax = {largest} {'(cm/s)' if kind == 'ca' else '(S/cm2)'}",
            f"    half = {half} (mV)",
            f"    slope = {slope} (mV)",
            "    late = 2",
            "    e = -60 (mV)",
            f"    flag = {random.choice('01')}",
            f"    q10 = {random.choice(['2.3', '3', '1.5'])}",
        ]
        head = HEAD.format(
            suffix=suffix,
            uses=uses,
            ranges="gmax, late, e, slope, g",
            globals="half, q10, flag",
            parameters="\n".join(parameters),
            states=" ".join(gates),
            assigned=f"{named} {own[kind]}",
        )
        method = random.choice(["cnexp", "cnexp", "derivimplicit"])
        initial = [f"    {gate} = {self._start(gate)}" for gate in gates]
        body = [
            "INITIAL {",
            "    qt = q10^((celsius - 23)/10)",
            "    rates(v)",
            *initial,
            "}",
            "BREAKPOINT {",
            f"    SOLVE states METHOD {method}",
            *self._current(kind, gates),
            "}",
            "DERIVATIVE states {",
            "    rates(v)",
            *slopes,
            "}",
            random.choice(["PROCEDURE rates(v (mV)) {", "PROCEDURE rates(v) {"]),
            "    LOCAL x, y",
            *(line for gate in gates for line in self._rates(gate, kind)),
            "}",
            *self._functions,
        ]
        self.text = head + "\n".join(body) + "\n"

    def _slope(self, gate: str, kind: str) -> str:
        return self._random.choice(
            [
                f"    {gate}' = qt*({gate}_inf - {gate})/{gate}_tau",
                f"    {gate}' = ({gate}_inf - {gate})*qt/{gate}_tau",
                f"    {gate}' = qt*({gate}_inf*(1 - {gate}) - (1 - {gate}_inf)*{gate})/{gate}_tau",
            ]
        )

    def _start(self, gate: str) -> str:
        return self._random.choice([f"{gate}_inf", f"{gate}_inf", "0.1", f"0.5*{gate}_inf + 0.01"])

    def _rates(self, gate: str, kind: str) -> list[str]:
        random = self._random
        falling = random.choice(["-", ""])
        shift = random.choice(["half", f"{random.randint(-70, -20)}", "(half + late)"])
        lines = [f"    x = (v - {shift})/{random.choice(['slope', '7', '(slope + 2)'])}"]
        if kind == "sk" and gate == "s0":
            lines.append(f"    y = {random.choice(['1e-4', '3e-4', '8e-5'])}")
            lines.append(f"    {gate}_inf = {self._calcium()}")
        else:
            lines.append(f"    {gate}_inf = {self._steady(gate, falling)}")
        lines += self._tau(gate)
        return lines

    def _calcium(self) -> str:
        return self._random.choice(
            [
                "cai/(cai + y)",
                "1/(1 + (y/cai)^4)",
                "cai^2/(cai^2 + y^2)",
                "1 - exp(-cai/y)",
            ]
        )

    def _steady(self, gate: str, falling: str) -> str:
        kind = self._random.randrange(5)
        if kind == 0:
            return f"1/(1 + exp({falling}x))"
        if kind == 1:
            return f"0.5*(1 + {'-' if falling else ''}tanh(x))"
        if kind == 2:
            return f"1/(1 + exp({falling}x))^2"
        name = f"{gate}steady"
        if kind == 3:
            self._functions.append(
                f"FUNCTION {name}(x) {{\n    IF (x < -8) {{\n        {name} = 3.4e-4\n"
                f"    }} ELSE IF (x > 8) {{\n        {name} = 0.99966\n    }} ELSE {{\n"
                f"        {name} = 1/(1 + exp(-x))\n    }}\n}}"
            )
            return f"{name}(x)"
        self._functions.append(
            f"FUNCTION {name}(u (mV)) {{\n    LOCAL a, b\n    a = 0.1*{gate}trap(u + 40, 10)\n"
            f"    b = 4*exp(-(u + 65)/18)\n    {name} = a/(a + b)\n}}\n"
            f"FUNCTION {gate}trap(x, y) {{\n    if (fabs(x/y) < 1e-6) {{\n"
            f"        {gate}trap = y*(1 - x/y/2)\n    }}else{{\n"
            f"        {gate}trap = x/(1 - exp(-x/y))\n    }}\n}}"
        )
        return f"{name}(v)"

    def _tau(self, gate: str) -> list[str]:
        random = self._random
        return random.choice(
            [
                [f"    {gate}_tau = {random.randint(1, 40)}"],
                [f"    {gate}_tau = late + {random.randint(1, 20)}/(exp(x/2) + exp(-x/2))"],
                [
                    f"    IF (v < {random.randint(-70, -40)} || v > 0) {{",
                    f"        {gate}_tau = 0.5 + fabs(x)/10",
                    "    } ELSE {",
                    f"        {gate}_tau = sqrt(1 + x*x)/2",
                    "    }",
                ],
                [f"    {gate}_tau = 0.2 + log(2 + x^2)"],
                [f"    {gate}_tau = .5 + {random.randint(2, 9)}*exp(-x^2/8)"],
                ["    y = -x^2/2/3", f"    {gate}_tau = 5.*exp(y) + 3e-1 (ms)"],
                [
                    f"    if (x >= 2) {{ {gate}_tau = 1 }} else if (flag == 1 && x != 0) {{",
                    "        LOCAL w",
                    "        w = x/(1 + fabs(x))",
                    f"        {gate}_tau = 2 + w",
                    f"    }} else {{ {gate}_tau = {random.randint(1, 5)} - (x <= -2)*0.5 }}",
                ],
                [f"    {gate}_tau = 0.5 + {self._bell(gate)}(v, {random.randint(-60, -20)})"],
                ["    y = x*x", f"    {gate}_tau = 0.3 + pow(1 + y, 0.5)*{random.choice('123')}"],
                [
                    f"    {gate}_tau = {random.randint(1, 9)}",
                    f"    if (x > 1 && !(v > {random.randint(-30, 10)})) {{ {gate}_tau = 2 }}",
                ],
            ]
        )

    def _bell(self, gate: str) -> str:
        """Return a function of a function, with an argument that bears a parameter's name."""
        name = f"{gate}bell"
        self._functions.append(
            f"FUNCTION {name}(late (mV), centre (mV)) {{\n    LOCAL half\n"
            f"    half = (late - centre)/{name}width(2)\n    {name} = 4/(1 + half*half)\n}}\n"
            f"FUNCTION {name}width(times) {{\n    {name}width = base*times + slope\n}}"
        )
        return name

    def _current(self, kind: str, gates: list[str]) -> list[str]:
        powers = [f"{gate}^{self._random.randint(1, 4)}" for gate in gates]
        if self._random.random() < 0.3:
            powers[0] = f"pow({gates[0]}, late)"
        opened = "*".join(["gmax", *powers])
        if kind == "ca":
            self._functions.append(
                "FUNCTION ghk(v (mV), ci (mM), co (mM)) {\n    LOCAL z\n"
                "    z = 0.001*2*FARADAY*v/(R*(celsius + 273.15))\n    IF (fabs(z) < 1e-4) {\n"
                "        ghk = 0.001*2*FARADAY*(1 + z/2)*(ci - co*exp(-z))\n    } ELSE {\n"
                "        ghk = 0.001*2*FARADAY*z*(ci - co*exp(-z))/(1 - exp(-z))\n    }\n}"
            )
            return [f"    ica = {opened}*ghk(v, cai, cao)"]
        if self._random.random() < 0.4:
            name, reversal = {"leak": ("i", "e"), "na": ("ina", "ena")}.get(kind, ("ik", "ek"))
            return [f"    g = {opened}", f"    {name} = g * (v - {reversal})"]
        name, reversal = {"leak": ("i", "e"), "na": ("ina", "ena")}.get(kind, ("ik", "ek"))
        return [f"    {name} = {opened}*(v - {reversal})"]


def pool(random: Random, suffix: str) -> str:
    """Return the text of a pool of calcium."""
    flow = random.choice(
        [
            "-(10000)*ica*gamma/(2*FARADAY*depth)",
            "-(1e4)*ica/depth/FARADAY/2*gamma",
        ]
    )
    decay = random.choice(["(cai - least)/decay", "(cai - least)*rate", "cai/decay - least/decay"])
    return (
        f"NEURON {{\n    SUFFIX {suffix}\n    USEION ca READ ica WRITE cai\n"
        "    RANGE gamma, decay, depth, least\n}\n"
        "UNITS {\n    FARADAY = (faraday) (coulomb)\n}\n"
        f"PARAMETER {{\n    gamma = 0.05\n    decay = {random.randint(20, 200)} (ms)\n"
        f"    depth = 0.1 (um)\n    least = 1e-4 (mM)\n    rate = 0.01\n}}\n"
        "STATE { cai (mM) }\nASSIGNED { ica (mA/cm2) }\n"
        f"INITIAL {{ cai = {random.choice(['least', '2*least', '5e-5'])} }}\n"
        "BREAKPOINT { SOLVE states METHOD cnexp }\n"
        f"DERIVATIVE states {{ cai' = {flow} - {decay} }}\n"
    )


def cylinders(random: Random, count: int) -> list[Cylinder]:
    """Return a random tree of dendrites on a soma."""
    regions: tuple[Region, ...] = ("basal", "apical")
    rows = [Cylinder("somatic", 18, 18)]
    for n in range(1, count):
        parent = random.randrange(n)
        rows.append(
            Cylinder(
                random.choice(regions) if parent == 0 else rows[parent].region,
                random.randint(20, 200),
                random.randint(5, 30) / 10,
                parent,
                random.choice([0.5, 1.0]) if parent == 0 else 1.0,
            )
        )
    return rows
