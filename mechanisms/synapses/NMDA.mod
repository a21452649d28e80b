TITLE NMDA receptor synapse with magnesium block

COMMENT
An event of weight w (uS) adds the conductance w (exp(-t/tau_decay) - exp(-t/tau_rise))/peak, where
peak is the largest value of that difference: w is the largest conductance
without magnesium.
Magnesium leaves the part 1/(1 + exp(-gamma v) mg/K0) of it open: Jahr CE, Stevens CF (1990) J
Neurosci 10: 3178-3182. g is what is left open. There is no CONDUCTANCE statement, because the
current is not linear in v. The decay of 100 ms is that of Wang (1999) J Neurosci 19: 9587-9603.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS NMDA
    NONSPECIFIC_CURRENT i
    RANGE tau_rise, tau_decay, erev, mg, gamma, K0, g, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (uS) = (microsiemens)
}

PARAMETER {
    tau_rise = 2 (ms) <1e-9, 1e9>
    tau_decay = 100 (ms) <1e-9, 1e9>
    erev = 0 (mV)
    mg = 1 (mM)
    gamma = 0.062 (/mV)
    K0 = 3.57 (mM)
}

: The factor lets CVODE count errors in nS.
STATE {
    rise (uS) <1e-3>
    decay (uS) <1e-3>
}

ASSIGNED {
    v (mV)
    g (uS)
    i (nA)
    fast (ms)
    scale
}

INITIAL {
    fast = apart(tau_rise, tau_decay)
    scale = one_over_peak(fast, tau_decay)
    rise = 0
    decay = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = (decay - rise)*unblocked(v)
    i = g*(v - erev)
}

DERIVATIVE states {
    rise' = -rise/fast
    decay' = -decay/tau_decay
}

NET_RECEIVE(weight (uS)) {
    rise = rise + scale*weight
    decay = decay + scale*weight
}

UNITSOFF

: The part of the channels that magnesium leaves open.
FUNCTION unblocked(v (mV)) {
    unblocked = 1/(1 + exp(-gamma*v)*mg/K0)
}

: Equal time constants would make the difference 0 everywhere; one of them then moves by 1e-4.
FUNCTION apart(fast (ms), slow (ms)) (ms) {
    IF (fabs(fast/slow - 1) < 1e-4) {
        apart = slow*(1 - 1e-4)
    } ELSE {
        apart = fast
    }
}

: 1/(largest value of exp(-t/slow) - exp(-t/fast)), which is at t = ln(slow/fast) times
: slow fast/(slow - fast).
FUNCTION one_over_peak(fast (ms), slow (ms)) {
    LOCAL x
    x = fast/slow
    one_over_peak = 1/(x^(x/(1 - x)) - x^(1/(1 - x)))
}

UNITSON
