TITLE Delayed rectifier potassium current of the two-compartment CA3 cell

COMMENT
Pinsky PF, Rinzel J (1994) J Comput Neurosci 1: 39-60. Inside the rates v is in mV and time in
ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX kdr_pr
    USEION k READ ek WRITE ik
    RANGE gbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.015 (S/cm2)
}

STATE {
    n
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
}

: The runs of this model start with every gate shut and no calcium, not at the rest.
INITIAL {
    : lint: accept initial-not-steady - the paper's protocol A starts all gates at 0
    n = 0
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gbar*n
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = alpha_n(v)
    b = beta_n(v)
    n' = a - (a + b)*n
}

FUNCTION alpha_n(v (mV)) {
    alpha_n = 0.016*5*linoid((v + 24.9)/5)
}

FUNCTION beta_n(v (mV)) {
    beta_n = 0.25*exp(-(v + 40)/40)
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
