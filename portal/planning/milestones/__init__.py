"""A plan of milestones and the rounds that pay for them: how much, when, at what dilution, and what must be true."""
