TITLE Transient sodium current, somatic and dendritic

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Colbert & Pan (2002),
NaTa_t moved by 6 mV to the right.
Inside the rates v is in mV and time in ms. They do not read celsius: qt = 2.3^((34 - 21)/10)
takes rates measured at 21 degC to 34 degC, at any temperature of the run.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX NaTs2_t
    USEION na READ ena WRITE ina
    RANGE gNaTs2_tbar, ina
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gNaTs2_tbar = 1e-5 (S/cm2)
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
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gna
    CONDUCTANCE gna USEION na
    SOLVE states METHOD cnexp
    gna = gNaTs2_tbar*m*m*m*h
    ina = gna*(v - ena)
}

UNITSOFF

DERIVATIVE states {
    LOCAL qt, x, r, a, b
    qt = 2.952882641412121

    x = (v + 32)/6
    r = linoid(x)
    a = 6*0.182*r
    b = 6*0.124*(r - x)
    m' = qt*(a - (a + b)*m)

    x = (v + 60)/6
    r = linoid(-x)
    a = 6*0.015*r
    b = 6*0.015*(r + x)
    h' = qt*(a - (a + b)*h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + 0.124/0.182*exp(-(v + 32)/6))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 60)/6))
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
