TITLE Low voltage activated calcium current

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Avery & Johnston (1996)
and Randall & Tsien (1997).
Inside the rates v is in mV and time in ms. They do not read celsius: qt = 2.3^((34 - 21)/10)
takes rates measured at 21 degC to 34 degC, at any temperature of the run.
w = v + 10 corrects the published voltages for the junction potential.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX Ca_LVAst
    USEION ca READ eca WRITE ica
    RANGE gCa_LVAstbar, ica
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gCa_LVAstbar = 1e-5 (S/cm2)
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
    gca = gCa_LVAstbar*m*m*h
    ica = gca*(v - eca)
}

UNITSOFF

DERIVATIVE states {
    LOCAL qt, w, inf, k
    qt = 2.952882641412121

    w = v + 10
    inf = minf(v)
    k = qt/(5 + 20/(1 + exp((w + 25)/5)))
    m' = k*(inf - m)

    inf = hinf(v)
    k = qt/(20 + 50/(1 + exp((w + 40)/7)))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 10 + 30)/6))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 10 + 80)/6.4))
}

UNITSON
