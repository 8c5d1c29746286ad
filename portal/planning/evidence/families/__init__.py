"""One file for each kind of published measurement: how it is read, fitted and predicted."""
