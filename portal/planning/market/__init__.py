"""How large a market is, and what a customer of it is worth."""
