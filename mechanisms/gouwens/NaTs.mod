TITLE Transient sodium current, somatic

COMMENT
Gouwens NW, Berg J, Feng D, et al. (2018) Nat Commun 9: 710, doi:10.1038/s41467-017-02718-3.
Kinetics after Colbert & Pan (2002).
Inside the rates v is in mV and time in ms. A Q10 of 2.3 takes them from 23 degC
to the temperature with which a run starts.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX NaTs
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
    m h
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    q
}

INITIAL {
    q = 2.3^((celsius - 23(degC))/10(degC))
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gna
    CONDUCTANCE gna USEION na
    SOLVE states METHOD cnexp
    gna = gbar*m*m*m*h
    ina = gna*(v - ena)
}

UNITSOFF

DERIVATIVE states {
    LOCAL x, r, a, b
    x = (v + 40)/6
    r = linoid(x)
    a = 6*0.182*r
    b = 6*0.124*(r - x)
    m' = q*(a - (a + b)*m)

    x = (v + 66)/6
    r = linoid(-x)
    a = 6*0.015*r
    b = 6*0.015*(r + x)
    h' = q*(a - (a + b)*h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + 0.124/0.182*exp(-(v + 40)/6))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 66)/6))
}

: x/(1 - exp(-x)); near x = 0, where that is 0/0, its series (error below 1e-16).
: One exponential serves both rates of a gate: linoid(-x) = linoid(x) - x.
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
