"""Text generation: a decoder-only language model, trained on real text, that writes on from a prompt."""
