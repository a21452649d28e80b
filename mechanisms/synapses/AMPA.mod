TITLE AMPA receptor synapse: bi-exponential conductance

COMMENT
An event of weight w (uS) adds a conductance w (exp(-t/tau_decay) - exp(-t/tau_rise)) over the
peak of that difference: its own peak is w. The decay of 2 ms is that of Wang (1999) J Neurosci 19:
9587-9603.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS AMPA
    NONSPECIFIC_CURRENT i
    RANGE tau_rise, tau_decay, erev, g, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau_rise = 0.2 (ms) <1e-9, 1e9>
    tau_decay = 2 (ms) <1e-9, 1e9>
    erev = 0 (mV)
}

STATE {
    rise (uS)
    decay (uS)
}

ASSIGNED {
    v (mV)
    g (uS)
    i (nA)
    scale
}

INITIAL {
    scale = one_over_peak(tau_rise, tau_decay)
    rise = 0
    decay = 0
}

BREAKPOINT {
    CONDUCTANCE g
    SOLVE states METHOD cnexp
    g = decay - rise
    i = g*(v - erev)
}

DERIVATIVE states {
    rise' = -rise/tau_rise
    decay' = -decay/tau_decay
}

NET_RECEIVE(weight (uS)) {
    rise = rise + scale*weight
    decay = decay + scale*weight
}

UNITSOFF

