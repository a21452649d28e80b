TITLE Persistent sodium current

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Magistretti & Alonso (1999).
Inside the rates v is in mV and time in ms. They do not read celsius: qt = 2.3^((34 - 21)/10)
takes rates measured at 21 degC to 34 degC, at any temperature of the run.
Activation is six times slower than that of NaTa_t.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Nap_Et2
    USEION na READ ena WRITE ina
    RANGE gNap_Et2bar, ina
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gNap_Et2bar = 1e-5 (S/cm2)
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
    gna = gNap_Et2bar*m*m*m*h
    ina = gna*(v - ena)
}

UNITSOFF

DERIVATIVE states {
    LOCAL qt, x, r, inf, k
    qt = 2.952882641412121

    x = (v + 38)/6
    r = linoid(x)
    inf = minf(v)
    k = qt*(0.182*r + 0.124*(r - x))
    m' = k*(inf - m)

    inf = hinf(v)
    k = qt*(2.88e-6*4.63*linoid(-(v + 17)/4.63) + 6.94e-6*2.63*linoid((v + 64.4)/2.63))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 52.6)/4.6))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 48.8)/10))
}

: x/(1 - exp(-x)); near x = 0, where that is 0/0, its series (error below 1e-16).
: One exponential serves both rates of m: linoid(-x) = linoid(x) - x.
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
