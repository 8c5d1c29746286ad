"""The one training loop and what attaches to it: schedule, stopping, checkpoints, measurement."""
