"""Option grants of a hiring plan: what pool they need, what it costs whom. The rounds themselves are in ``equity``."""
