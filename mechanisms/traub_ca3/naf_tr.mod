TITLE Fast sodium current of the CA3 pyramidal cell

COMMENT
Traub RD, Wong RKS, Miles R, Michelson H (1991) J Neurophysiol 66: 635-650. The paper counts
voltage from the rest at -60 mV; here v is the membrane voltage. Inside the rates v is in mV and
time in ms. They do not depend on temperature.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX naf_tr
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
    m h
}

ASSIGNED {
    v (mV)
    ena (mV)
    ina (mA/cm2)
}

INITIAL {
    m = alpha_m(v)/(alpha_m(v) + beta_m(v))
    h = alpha_h(v)/(alpha_h(v) + beta_h(v))
}

BREAKPOINT {
    LOCAL gna
    CONDUCTANCE gna USEION na
    SOLVE states METHOD cnexp
    gna = gbar*m*m*h
    ina = gna*(v - ena)
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
