TITLE Square pulse of conductance

COMMENT
An event of weight w (uS) adds the conductance w for `duration` ms; pulses that overlap add up. With
a reversal potential at rest it is shunting inhibition. Excitation and inhibition of Rall (1964).
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS ConductancePulse
    NONSPECIFIC_CURRENT i
    RANGE duration, erev, g, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    duration = 1 (ms) <1e-9, 1e9>
    erev = 0 (mV)
}

ASSIGNED {
    v (mV)
    g (uS)
    i (nA)
}

INITIAL {
    g = 0
}

BREAKPOINT {
    CONDUCTANCE g
    i = g*(v - erev)
}

NET_RECEIVE(weight (uS)) {
    IF (flag == 0) {
        g = g + weight
        net_send(duration, 1)
    } ELSE {
        g = g - weight
    }
}
