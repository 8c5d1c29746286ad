"""How good a trained model is: measures with intervals, on data that it has never seen."""
