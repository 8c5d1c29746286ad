"""Models: data, training, inference, export. Importing this package must stay cheap: no torch here."""
