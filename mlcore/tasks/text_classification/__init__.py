"""Text classification: which class a text belongs to, and which of its words say so."""
