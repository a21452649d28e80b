TITLE Fast sodium current of neocortical pyramidal cells

COMMENT
Mainen ZF, Sejnowski TJ (1996) Nature 382: 363-366, with the parameters of van Elburg RAJ, van
Ooyen A (2010) PLoS Comput Biol 6(5): e1000781. Inside the rates v is in mV and time in ms. The
rates are those of 23 degC; a Q10 of 2.3 takes them to celsius, and the conductance with them.
Everything is evaluated at v + vshift.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX na_ms
    USEION na READ ena WRITE ina
    RANGE gbar, vshift, ina
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.1 (S/cm2)
    vshift = -10 (mV)
}

STATE {
    m h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
}

INITIAL {
    LOCAL a, b
    a = alpha_m(v + vshift)
    b = beta_m(v + vshift)
    m = a/(a + b)
    h = h_inf(v + vshift)
}

BREAKPOINT {
    LOCAL gna
    CONDUCTANCE gna USEION na
    SOLVE states METHOD cnexp
    gna = tadj(celsius)*gbar*m*m*m*h
    ina = gna*(v - ena)
}

UNITSOFF

DERIVATIVE states {
    LOCAL q, a, b, r
    q = tadj(celsius)
    a = alpha_m(v + vshift)
    b = beta_m(v + vshift)
    m' = q*(a - (a + b)*m)

    r = 0.024*5*linoid((v + vshift + 50)/5) + 0.0091*5*linoid(-(v + vshift + 75)/5)
    h' = q*r*(h_inf(v + vshift) - h)
}

FUNCTION alpha_m(v (mV)) {
    alpha_m = 0.182*9*linoid((v + 35)/9)
}

FUNCTION beta_m(v (mV)) {
    beta_m = 0.124*9*linoid(-(v + 35)/9)
}

FUNCTION h_inf(v (mV)) {
    h_inf = 1/(1 + exp((v + 65)/6.2))
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
