TITLE Persistent potassium current

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. Kinetics after Korngreen & Sakmann (2000).
Inside the rates v is in mV and time in ms. They do not read celsius: qt = 2.3^((34 - 21)/10)
takes rates measured at 21 degC to 34 degC, at any temperature of the run.
w = v + 10 corrects the published voltages for the junction potential.
The published time constant of m has a small step (8e-6 of it) at w = -50.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX K_Pst
    USEION k READ ek WRITE ik
    RANGE gK_Pstbar, ik
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gK_Pstbar = 1e-5 (S/cm2)
}

STATE {
    m h
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
    m = minf(v)
    h = hinf(v)
}

BREAKPOINT {
    LOCAL gk
    CONDUCTANCE gk USEION k
    SOLVE states METHOD cnexp
    gk = gK_Pstbar*m*m*h
    ik = gk*(v - ek)
}

UNITSOFF

DERIVATIVE states {
    LOCAL qt, w, x, c, s, inf, k
    qt = 2.952882641412121

    w = v + 10
    IF (w < -50) {
        c = 175.03
        s = 0.026
    } ELSE {
        c = 13
        s = -0.026
    }
    inf = minf(v)
    k = qt/(1.25 + c*exp(s*w))
    m' = k*(inf - m)

    x = (w + 75)/48
    inf = hinf(v)
    k = qt/(360 + (1010 + 24*(w + 55))*exp(-x*x))
    h' = k*(inf - h)
}

FUNCTION minf(v (mV)) {
    minf = 1/(1 + exp(-(v + 10 + 1)/12))
}

FUNCTION hinf(v (mV)) {
    hinf = 1/(1 + exp((v + 10 + 54)/11))
}

UNITSON
