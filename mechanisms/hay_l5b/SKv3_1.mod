TITLE Fast non-inactivating potassium current, Kv3.1

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Rettig et al. (1992).
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX SKv3_1
    USEION k READ ek WRITE ik
    RANGE gSKv3_1bar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gSKv3_1bar = 1e-5 (S/cm2)
}

STATE {
    m
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
    m = minf(v)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gSKv3_1bar*m
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL inf, k
    inf = minf(v)
    k = (1 + exp(-(v + 46.56)/44.14))/4
    m' = k*(inf - m)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v - 18.7)/9.7))
}

UNITSON
