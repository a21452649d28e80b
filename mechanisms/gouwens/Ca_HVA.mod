TITLE High voltage activated calcium current

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Reuveni et al. (1993), as in Hay et al. (2011).
Inside the rates v is in mV and time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Ca_HVA
    USEION ca READ eca WRITE ica
    RANGE gbar, ica
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 1e-5 (S/cm2)
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
    gca = gbar*m*m*h
    ica = gca*(v - eca)
}

UNITSOFF

DERIVATIVE states {
    LOCAL a, b
    a = alpha_m(v)
    b = beta_m(v)
    m' = a - (a + b)*m

    a = alpha_h(v)
    b = beta_h(v)
    h' = a - (a + b)*h
}

FUNCTION minf(v (mV)) {
    minf = alpha_m(v)/(alpha_m(v) + beta_m(v))
}

FUNCTION hinf(v (mV)) {
    hinf = alpha_h(v)/(alpha_h(v) + beta_h(v))
}

FUNCTION alpha_m(v (mV)) {
    alpha_m = 0.055*3.8*linoid((v + 27)/3.8)
}

FUNCTION beta_m(v (mV)) {
    beta_m = 0.94*exp(-(v + 75)/17)
}

FUNCTION alpha_h(v (mV)) {
    alpha_h = 4.57e-4*exp(-(v + 13)/50)
}

FUNCTION beta_h(v (mV)) {
    beta_h = 0.0065/(1 + exp(-(v + 15)/28))
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
