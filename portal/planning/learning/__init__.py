"""Arithmetic of learning, small enough to touch: losses and their slips, optimisers, fits of noisy points."""
