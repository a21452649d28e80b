TITLE High voltage activated calcium current

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Reuveni et al. (1993).
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Ca_HVA
    USEION ca READ eca WRITE ica
    RANGE gCa_HVAbar, ica
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gCa_HVAbar = 1e-5 (S/cm2)
}

STATE {
    m h
}

ASSIGNED {
    v (mV)
    eca (mV)
    ica (mA/cm2)
}

INITIAL {
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gca
    CONDUCTANCE gca USEION ca
    SOLVE states METHOD cnexp
    gca = gCa_HVAbar*m*m*h
    ica = gca*(v - eca)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = ma(v)
    b = mb(v)
    m' = a - (a + b)*m

    a = ha(v)
    b = hb(v)
    h' = a - (a + b)*h
}

FUNCTION minf(v (mV)) {
    minf = ma(v)/(ma(v) + mb(v))
}

FUNCTION hinf(v (mV)) {
    hinf = ha(v)/(ha(v) + hb(v))
}

FUNCTION ma(v (mV)) {
    ma = 0.055*3.8*linoid((v + 27)/3.8)
}

FUNCTION mb(v (mV)) {
    mb = 0.94*exp(-(v + 75)/17)
}

FUNCTION ha(v (mV)) {
    ha = 4.57e-4*exp(-(v + 13)/50)
}

FUNCTION hb(v (mV)) {
    hb = 0.0065/(1 + exp(-(v + 15)/28))
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
