TITLE AMPA and NMDA receptors in one synapse

COMMENT
The conductances and the magnesium block are those of AMPA and NMDA, which see. The weight of an
event is the largest AMPA conductance; ratio times the weight is the largest NMDA conductance
without magnesium.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS AMPANMDA
    NONSPECIFIC_CURRENT i
    RANGE tau_rise_ampa, tau_decay_ampa, tau_rise_nmda, tau_decay_nmda, ratio
    RANGE erev, mg, gamma, K0, g_ampa, g_nmda, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (uS) = (microsiemens)
}

PARAMETER {
    tau_rise_ampa = 0.2 (ms) <1e-9, 1e9>
    tau_decay_ampa = 2 (ms) <1e-9, 1e9>
    tau_rise_nmda = 2 (ms) <1e-9, 1e9>
    tau_decay_nmda = 100 (ms) <1e-9, 1e9>
    ratio = 1
    erev = 0 (mV)
    mg = 1 (mM)
    gamma = 0.062 (/mV)
    K0 = 3.57 (mM)
}

: The factor lets CVODE count errors in nS.
STATE {
    rise_ampa (uS) <1e-3>
    decay_ampa (uS) <1e-3>
    rise_nmda (uS) <1e-3>
    decay_nmda (uS) <1e-3>
}

ASSIGNED {
    v (mV)
    g_ampa (uS)
    g_nmda (uS)
    i (nA)
    fast_ampa (ms)
    fast_nmda (ms)
    scale_ampa
    scale_nmda
}

INITIAL {
    fast_ampa = apart(tau_rise_ampa, tau_decay_ampa)
    scale_ampa = one_over_peak(fast_ampa, tau_decay_ampa)
    rise_ampa = 0
    decay_ampa = 0
    fast_nmda = apart(tau_rise_nmda, tau_decay_nmda)
    scale_nmda = one_over_peak(fast_nmda, tau_decay_nmda)
    rise_nmda = 0
    decay_nmda = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g_ampa = decay_ampa - rise_ampa
    g_nmda = (decay_nmda - rise_nmda)*unblocked(v)
    i = (g_ampa + g_nmda)*(v - erev)
}

DERIVATIVE states {
    rise_ampa' = -rise_ampa/fast_ampa
    decay_ampa' = -decay_ampa/tau_decay_ampa
    rise_nmda' = -rise_nmda/fast_nmda
    decay_nmda' = -decay_nmda/tau_decay_nmda
}

NET_RECEIVE(weight (uS)) {
    rise_ampa = rise_ampa + scale_ampa*weight
    decay_ampa = decay_ampa + scale_ampa*weight
    rise_nmda = rise_nmda + scale_nmda*ratio*weight
    decay_nmda = decay_nmda + scale_nmda*ratio*weight
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
