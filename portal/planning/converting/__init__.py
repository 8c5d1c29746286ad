"""SAFEs and notes before a round: what the ``safe-and-note`` calculator asks for, computes and says."""
