"""People: who joins when, who leaves, and what they cost month by month."""
