TITLE Calcium current of the two-compartment CA3 cell

COMMENT
Pinsky PF, Rinzel J (1994) J Comput Neurosci 1: 39-60. Inside the rates v is in mV and time in
ms. They do not depend on temperature.

The calcium of this model has an arbitrary unit, so its current belongs to an ion of its own,
chi: ichi feeds the pool capool_pr, and nothing changes the reversal potential.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ca_pr
    USEION chi WRITE ichi VALENCE 2
    RANGE gbar, erev, ichi
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.01 (S/cm2)
    erev = 80 (mV)
}

STATE {
    s
}

ASSIGNED {
    v (mV)
    ichi (mA/cm2)
}

: The runs of this model start with every gate shut and no calcium, not at the rest.
INITIAL {
    : lint: accept initial-not-steady - the paper's protocol A starts all gates at 0
    s = 0
}

BREAKPOINT {
    LOCAL gca
    CONDUCTANCE gca USEION chi
    SOLVE states METHOD cnexp
    gca = gbar*s*s
    ichi = gca*(v - erev)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = alpha_s(v)
    b = beta_s(v)
    s' = a - (a + b)*s
}

FUNCTION alpha_s(v (mV)) {
    alpha_s = 1.6/(1 + exp(-0.072*(v - 5)))
}

FUNCTION beta_s(v (mV)) {
    beta_s = 0.02*5*linoid(-(v + 8.9)/5)
}

: x/(1 - exp(-x)); near x = 0, where that is 0/0, its series (error below 1e-16).
FUNCTION linoid(x) {
    LOCAL e
    e = exp(-x)
    IF (fabs(x) < 0.01) {
        linoid = 1 + x*(1/2 + x*(1/12 - x*x/720))
    } ELSE {
        linoid = x/(1 - e)
    }
}

UNITSON
