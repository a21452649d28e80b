TITLE Sodium and potassium currents of spikes, thalamic interneuron

COMMENT
Halnes G, Augustinaite S, Heggelund P, Einevoll GT, Migliore M (2011) PLoS Comput Biol 7(9):
e1002160, doi:10.1371/journal.pcbi.1002160. Kinetics after Traub & Miles (1991).
vtraubNa and vtraubK shift the rates of the two channels. Inside the rates v is in mV and time in
ms; their temperature factor is 1 at 36 degC and is taken at the start of a run.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX hh2
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    RANGE gnabar, gkbar, vtraubNa, vtraubK, ina, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gnabar = 0.09 (S/cm2)
    gkbar = 0.37 (S/cm2)
    vtraubNa = -52.6 (mV)
    vtraubK = -51.2 (mV)
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
    q
}

: The published runs start with these gates shut, not at the rest: what follows is over by 1000 ms.
INITIAL {
    q = 3^((celsius - 36(degC))/10(degC))
    : lint: accept initial-not-steady - the original starts its gates at 0, over by 1000 ms
    m = 0
    : lint: accept initial-not-steady - the original starts its gates at 0, over by 1000 ms
    h = 0
    : lint: accept initial-not-steady - the original starts its gates at 0, over by 1000 ms
    n = 0
}

BREAKPOINT {
    LOCAL gna, gk
    CONDUCTANCE gna USEION na
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gna = gnabar*m*m*m*h
    gk = gkbar*n*n*n*n
    ina = gna*(v - ena)
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL w, a, b
    w = v - vtraubNa
    a = q*0.32*4*linoid((w - 13)/4)
    b = q*0.28*5*linoid(-(w - 40)/5)
    m' = a - (a + b)*m

    a = q*0.128*exp(-(w - 17)/18)
    b = q*4/(1 + exp(-(w - 40)/5))
    h' = a - (a + b)*h

    w = v - vtraubK
    a = q*0.032*5*linoid((w - 15)/5)
    b = q*0.5*exp(-(w - 10)/40)
    n' = a - (a + b)*n
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
