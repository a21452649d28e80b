TITLE Persistent sodium current

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Magistretti & Alonso (1999). Activation has no delay; there is no CONDUCTANCE
statement, because the current is not linear in v.
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 21 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Nap
    USEION na READ ena WRITE ina
    RANGE gbar, ina
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
    h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    q
}

INITIAL {
    q = 2.3^((celsius - 21(degC))/10(degC))
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gna
    SOLVE states METHOD cnexp
    gna = gbar*minf(v)*h
    ina = gna*(v - ena)
}

UNITSOFF

DERIVATIVE states {
    LOCAL inf, k
    inf = hinf(v)
    k = q*(2.88e-6*4.63*linoid(-(v + 17)/4.63) + 6.94e-6*2.63*linoid((v + 64.4)/2.63))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 52.6)/4.6))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 48.8)/10))
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
