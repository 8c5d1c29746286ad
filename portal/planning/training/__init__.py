"""One training run: what it asks for, what it computes, what it refuses and says. Declared as ``training-run``."""
