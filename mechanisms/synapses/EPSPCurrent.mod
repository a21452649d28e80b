TITLE Current of one excitatory postsynaptic potential

COMMENT
Hay E, Hill S, Schuermann F, Markram H, Segev I (2011) PLoS Comput Biol 7(7): e1002107,
doi:10.1371/journal.pcbi.1002107. From onset on the current into the cell is
imax (exp(-t/tau1) - exp(-t/tau0))/peak, where peak is the largest value of that difference.
The current is a function of t alone, so no time step shifts it; the event at onset only makes
CVODE stop at this corner instead of stepping over it.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS EPSPCurrent
    NONSPECIFIC_CURRENT i
    RANGE onset, tau0, tau1, imax, i
}

UNITS {
    (nA) = (nanoamp)
}

PARAMETER {
    onset = 0 (ms)
    tau0 = 0.2 (ms) <1e-9, 1e9>
    tau1 = 3 (ms) <1e-9, 1e9>
    imax = 0 (nA)
}

ASSIGNED {
    i (nA)
    fast (ms)
    scale
}

INITIAL {
    fast = apart(tau0, tau1)
    scale = one_over_peak(fast, tau1)
    IF (onset > 0) {
        net_send(onset, 1)
    }
}

BREAKPOINT {
    i = -imax*scale*difference(t - onset)
}

NET_RECEIVE(weight) {
}

UNITSOFF

FUNCTION difference(since (ms)) {
    IF (since > 0) {
        difference = exp(-since/tau1) - exp(-since/fast)
    } ELSE {
        difference = 0
    }
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
