"""Loans to start-ups: the schedule month by month, warrants, and what money costs by its dated flows."""
