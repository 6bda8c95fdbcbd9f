"""Measure which convolution strategy works on this card: children that may die, results compared with the CPU's."""
