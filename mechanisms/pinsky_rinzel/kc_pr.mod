TITLE Fast voltage and calcium dependent potassium current of the two-compartment CA3 cell

COMMENT
Pinsky PF, Rinzel J (1994) J Comput Neurosci 1: 39-60. Inside the rates v is in mV and time in
ms. They do not depend on temperature.

In the paper a = exp((v + 50)/11 - (v + 53.5)/27)/18.975 and b = 2 exp(-(v + 53.5)/27) - a up to
v = -10, and b = 0 above. So a + b is one exponential and a/(a + b) another.
chii is calcium in the arbitrary unit of this model (see capool_pr).
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX kc_pr
    USEION k READ ek WRITE ik
    USEION chi READ chii VALENCE 2
    RANGE gbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.015 (S/cm2)
}

STATE {
    c
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    chii (mM)
}

: The runs of this model start with every gate shut and no calcium, not at the rest.
INITIAL {
    : lint: accept initial-not-steady - the paper's protocol A starts all gates at 0
    c = 0
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*c*saturation(chii)
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL inf, k
    inf = cinf(v)
    k = 2*exp(-(v + 53.5)/27)
    c' = k*(inf - c)
}

: Just below -10 mV it exceeds 1 by 1e-4, as the rates of the paper do.
FUNCTION cinf(v (mV)) {
    IF (v > -10) {
        cinf = 1
    } ELSE {
        cinf = exp((v + 50)/11)/37.95
    }
}

FUNCTION saturation(chi (mM)) {
    IF (chi > 250) {
        saturation = 1
    } ELSE {
        saturation = chi/250
    }
}

UNITSON
