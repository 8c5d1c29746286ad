"""What a start-up may be worth before a round, by six methods that disagree: a basis for negotiation, no appraisal."""
