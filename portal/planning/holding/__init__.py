"""A cap table kept as a ledger: what the `cap-table` calculator asks, computes and says. The rules are in ``equity``.

``rows.events_of`` makes the engine's events of what is typed, ``rows.rows_of`` the other way round.
"""
