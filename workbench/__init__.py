"""A NEURON-backed workbench for morphologies and for fitting neuron models."""
