"""Choosing among rows by several criteria: weights, weighted sum and TOPSIS, and what ``segments`` says of them."""
