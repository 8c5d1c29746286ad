"""Which investors fit a round, for what reasons, what is not yet known of them, and whether they fill it."""
