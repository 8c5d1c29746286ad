"""What a serving engine does with requests: the memory that it keeps for their caches, and the order of its steps."""
