"""Files to a `Morphology`: SWC here, ASC and H5 in a child process, hoc by NEURON in a child."""
