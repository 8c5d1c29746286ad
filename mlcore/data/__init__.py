"""Text in, token blocks out: shipped and uploaded text, the tokenizer, the split, the order of training data."""
