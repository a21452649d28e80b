COMMENT
The difference of two exponentials, 1 at its peak, with the names and values of NEURON's own Exp2Syn:
time constants that are nearly equal, or very different, are moved apart or together as there.
ENDCOMMENT

NEURON {
    POINT_PROCESS Exp2Syn
    NONSPECIFIC_CURRENT i
    RANGE tau1, tau2, e, i, g
}

PARAMETER {
    tau1 = 0.1 (ms)
    tau2 = 10 (ms)
    e = 0 (mV)
}

STATE {
    A (uS)
    B (uS)
}

ASSIGNED {
    v (mV)
    i (nA)
    g (uS)
    rise (ms)
    scale
}

INITIAL {
    LOCAL peak
    rise = tau1
    IF (tau1/tau2 > 0.9999) {
        rise = 0.9999*tau2
    }
    IF (tau1/tau2 < 1e-9) {
        rise = 1e-9*tau2
    }
    peak = rise*tau2/(tau2 - rise)*log(tau2/rise)
    scale = 1/(exp(-peak/tau2) - exp(-peak/rise))
    A = 0
    B = 0
}

BREAKPOINT {
    SOLVE both METHOD cnexp
    g = B - A
    i = g*(v - e)
}

DERIVATIVE both {
    A' = -A/rise
    B' = -B/tau2
}

NET_RECEIVE(weight (uS)) {
    A = A + scale*weight
    B = B + scale*weight
}
