TITLE Slow calcium dependent potassium current of the two-compartment CA3 cell

COMMENT
Pinsky PF, Rinzel J (1994) J Comput Neurosci 1: 39-60. Inside the rates time
is in ms and chii is calcium in the arbitrary unit of this model (see capool_pr). They depend
neither on voltage nor on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX kahp_pr
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
    gbar = 0.0008 (S/cm2)
}

STATE {
    q
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
    q = 0
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*q
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a
    a = alpha_q(chii)
    q' = a - (a + 0.001)*q
}

FUNCTION alpha_q(chi (mM)) {
    IF (chi > 500) {
        alpha_q = 0.01
    } ELSE {
        alpha_q = 2e-5*chi
    }
}

UNITSON
