"""Ownership, exactly: SAFEs, notes, priced rounds, anti-dilution, vesting, the ledger and the exit waterfall.

Every number is a whole number or a ``fractions.Fraction``; nothing is rounded but by a stated rule. What the terms do
not determine is refused (``money.Refused``) with the reason. Floats appear in ``payoffs`` alone, for simulation.
"""
