TITLE Hyperpolarisation activated cation current

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Kole, Hallermann & Stuart (2006).
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Ih
    NONSPECIFIC_CURRENT ihcn
    RANGE gIhbar, ehcn, ihcn
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gIhbar = 1e-5 (S/cm2)
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
    ghcn = gIhbar*m
    ihcn = ghcn*(v - ehcn)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = ma(v)
    b = mb(v)
    m' = a - (a + b)*m
}

FUNCTION minf(v (mV)) {
    minf = ma(v)/(ma(v) + mb(v))
}

FUNCTION ma(v (mV)) {
    ma = 0.00643*11.9*linoid(-(v + 154.9)/11.9)
}

FUNCTION mb(v (mV)) {
    mb = 0.193*exp(v/33.1)
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
