"""Raising a priced round: what the `round` calculator asks, computes and says. The rules are in ``equity``."""
