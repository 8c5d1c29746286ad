"""What the build-or-buy calculator is made of: ways to get answers from a model, their costs, and where they meet."""
