TITLE Sodium current of the two-compartment CA3 cell

COMMENT
Pinsky PF, Rinzel J (1994) J Comput Neurosci 1: 39-60. Inside the rates v is in mV and time in
ms. They do not depend on temperature.

Activation has no delay: m is at its steady state. There is no CONDUCTANCE statement, because the
slope of this current is not gbar m^2 h alone; NEURON then measures the slope.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX na_pr
    USEION na READ ena WRITE ina
    RANGE gbar, ina
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.03 (S/cm2)
}

STATE {
    h
}

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
}

: The runs of this model start with every gate shut and no calcium, not at the rest.
INITIAL {
    : lint: accept initial-not-steady - the paper's protocol A starts all gates at 0
    h = 0
}

BREAKPOINT {
    LOCAL m
    SOLVE states METHOD cnexp
    m = minf(v)
    ina = gbar*m*m*h*(v - ena)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = alpha_h(v)
    b = beta_h(v)
    h' = a - (a + b)*h
}

FUNCTION minf(v (mV)) {
    minf = alpha_m(v)/(alpha_m(v) + beta_m(v))
}

FUNCTION alpha_m(v (mV)) {
    alpha_m = 0.32*4*linoid((v + 46.9)/4)
}

FUNCTION beta_m(v (mV)) {
    beta_m = 0.28*5*linoid(-(v + 19.9)/5)
}

FUNCTION alpha_h(v (mV)) {
    alpha_h = 0.128*exp(-(v + 43)/18)
}

FUNCTION beta_h(v (mV)) {
    beta_h = 4/(1 + exp(-(v + 20)/5))
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
