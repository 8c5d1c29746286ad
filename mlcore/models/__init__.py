"""Architectures and their sizes. Importing this package is cheap; its modules but ``shape`` import torch."""
