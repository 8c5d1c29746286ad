"""The company's plan, month by month."""
