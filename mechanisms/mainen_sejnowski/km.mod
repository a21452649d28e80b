TITLE Slow, muscarinic potassium current of neocortical pyramidal cells

COMMENT
Mainen ZF, Sejnowski TJ (1996) Nature 382: 363-366, as in van Elburg RAJ, van Ooyen A (2010) PLoS
Comput Biol 6(5): e1000781. Inside the rates v is in mV and time in ms. The rates are those of 23
degC; a Q10 of 2.3 takes them to celsius, and the conductance with them.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX km_ms
    USEION k READ ek WRITE ik
    RANGE gbar, ik
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
    n
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
    LOCAL a
    a = alpha_n(v)
    n = a/(a + beta_n(v))
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = tadj(celsius)*gbar*n
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL q, a, b
    q = tadj(celsius)
    a = alpha_n(v)
    b = beta_n(v)
    n' = q*(a - (a + b)*n)
}

FUNCTION alpha_n(v (mV)) {
    alpha_n = 0.001*9*linoid((v + 30)/9)
}

FUNCTION beta_n(v (mV)) {
    beta_n = 0.001*9*linoid(-(v + 30)/9)
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
