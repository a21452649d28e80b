TITLE Hyperpolarisation activated cation current

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Kole, Hallermann & Stuart (2006), as in Hay et al. (2011).
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Ih
    NONSPECIFIC_CURRENT ihcn
    RANGE gbar, ehcn, ihcn
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
    ehcn = -45 (mV)
}

STATE {
    m
}

ASSIGNED {
    v (mV)
    ihcn (mA/cm2)
}

INITIAL {
    m = minf(v)
}

BREAKPOINT {
    LOCAL ghcn
    CONDUCTANCE ghcn
    SOLVE states METHOD cnexp
    ghcn = gbar*m
    ihcn = ghcn*(v - ehcn)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = alpha_m(v)
    b = beta_m(v)
    m' = a - (a + b)*m
}

FUNCTION minf(v (mV)) {
    minf = alpha_m(v)/(alpha_m(v) + beta_m(v))
}

FUNCTION alpha_m(v (mV)) {
    alpha_m = 0.00643*11.9*linoid(-(v + 154.9)/11.9)
}

FUNCTION beta_m(v (mV)) {
    beta_m = 0.193*exp(v/33.1)
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
