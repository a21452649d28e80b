COMMENT
Sodium, potassium and leak of the squid's axon, with the names and values of NEURON's own mechanism
hh, but for its tables: rates are computed and not interpolated.
Hodgkin AL, Huxley AF (1952) J Physiol 117: 500-544, equations 12, 13, 20, 21, 23, 24, for a resting
potential of -65 mV.
ENDCOMMENT

NEURON {
    SUFFIX hh
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gnabar, gkbar, gl, el
}

PARAMETER {
    gnabar = 0.12 (S/cm2)
    gkbar = 0.036 (S/cm2)
    gl = 0.0003 (S/cm2)
    el = -54.3 (mV)
}

STATE {
    m h n
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    il (mA/cm2)
}

INITIAL {
    m = a_m(v)/(a_m(v) + b_m(v))
    h = a_h(v)/(a_h(v) + b_h(v))
    n = a_n(v)/(a_n(v) + b_n(v))
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gnabar*m*m*m*h*(v - ena)
    ik = gkbar*n*n*n*n*(v - ek)
    il = gl*(v - el)
}

DERIVATIVE states {
    LOCAL q
    q = 3^((celsius - 6.3)/10)
    m' = q*(a_m(v) - (a_m(v) + b_m(v))*m)
    h' = q*(a_h(v) - (a_h(v) + b_h(v))*h)
    n' = q*(a_n(v) - (a_n(v) + b_n(v))*n)
}

FUNCTION a_m(v) {
    a_m = linoid((v + 40)/10)
}

FUNCTION b_m(v) {
    b_m = 4*exp(-(v + 65)/18)
}

FUNCTION a_h(v) {
    a_h = 0.07*exp(-(v + 65)/20)
}

FUNCTION b_h(v) {
    b_h = 1/(1 + exp(-(v + 35)/10))
}

FUNCTION a_n(v) {
    a_n = 0.1*linoid((v + 55)/10)
}

FUNCTION b_n(v) {
    b_n = 0.125*exp(-(v + 65)/80)
}

: x/(1 - exp(-x)); near x = 0, where that is 0/0, its series (error below 1e-16).
FUNCTION linoid(x) {
    IF (fabs(x) < 0.01) {
        linoid = 1 + x*(1/2 + x*(1/12 - x*x/720))
    } ELSE {
        linoid = x/(1 - exp(-x))
    }
}
