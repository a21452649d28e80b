TITLE NMDA receptor synapse that saturates, with magnesium block

COMMENT
Wang XJ (1999) J Neurosci 19: 9587-9603. An event of weight w adds w to the transmitter x; the open
part of the channels follows s' = alpha x (1 - s) - s/tau_decay and stays below 1. The conductance
is gmax s B(v), with the magnesium block B of NMDA, which see. There is no CONDUCTANCE statement,
because the current is not linear in v. In the fixed step s is of first order in dt.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS NMDASaturating
    NONSPECIFIC_CURRENT i
    RANGE gmax, tau_rise, tau_decay, alpha, erev, mg, gamma, K0, g, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (uS) = (microsiemens)
}

PARAMETER {
    gmax = 0.001 (uS)
    tau_rise = 2 (ms) <1e-9, 1e9>
    tau_decay = 100 (ms) <1e-9, 1e9>
    alpha = 0.5 (/ms)
    erev = 0 (mV)
    mg = 1 (mM)
    gamma = 0.062 (/mV)
    K0 = 3.57 (mM)
}

STATE {
    x
    s
}

ASSIGNED {
    v (mV)
    g (uS)
    i (nA)
}

INITIAL {
    x = 0
    s = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gmax*s*unblocked(v)
    i = g*(v - erev)
}

DERIVATIVE states {
    x' = -x/tau_rise
    s' = alpha*x - (alpha*x + 1/tau_decay)*s
}

NET_RECEIVE(weight) {
    x = x + weight
}

UNITSOFF

: The part of the channels that magnesium leaves open.
FUNCTION unblocked(v (mV)) {
    unblocked = 1/(1 + exp(-gamma*v)*mg/K0)
}

UNITSON
