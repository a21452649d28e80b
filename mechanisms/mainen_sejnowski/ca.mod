TITLE High threshold calcium current of neocortical pyramidal cells

COMMENT
Mainen ZF, Sejnowski TJ (1996) Nature 382: 363-366, as in van Elburg RAJ, van Ooyen A (2010) PLoS
Comput Biol 6(5): e1000781. Inside the rates v is in mV and time in ms. The rates are those of 23
degC; a Q10 of 2.3 takes them to celsius, and the conductance with them. The reversal potential
is a parameter: it does not follow the concentrations.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX ca_ms
    USEION ca WRITE ica
    RANGE gbar, erev, ica
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 3e-5 (S/cm2)
    erev = 140 (mV)
}

STATE {
    m h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ica (mA/cm2)
}

INITIAL {
    LOCAL a
    a = alpha_m(v)
    m = a/(a + beta_m(v))
    a = alpha_h(v)
    h = a/(a + beta_h(v))
}

BREAKPOINT {
    LOCAL gca
    CONDUCTANCE gca USEION ca
    SOLVE states METHOD cnexp
    gca = tadj(celsius)*gbar*m*m*h
    ica = gca*(v - erev)
}

UNITSOFF

DERIVATIVE states {
    LOCAL q, a, b
    q = tadj(celsius)
    a = alpha_m(v)
    b = beta_m(v)
    m' = q*(a - (a + b)*m)

    a = alpha_h(v)
    b = beta_h(v)
    h' = q*(a - (a + b)*h)
}

FUNCTION alpha_m(v (mV)) {
    alpha_m = 0.055*3.8*linoid((v + 27)/3.8)
}

FUNCTION beta_m(v (mV)) {
    beta_m = 0.94*exp(-(v + 75)/17)
}

FUNCTION alpha_h(v (mV)) {
    alpha_h = 0.000457*exp(-(v + 13)/50)
}

FUNCTION beta_h(v (mV)) {
    beta_h = 0.0065/(1 + exp(-(v + 15)/28))
}

FUNCTION tadj(celsius (degC)) {
    tadj = 2.3^((celsius - 23)/10)
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
