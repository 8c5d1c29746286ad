"""Why a model answered as it did: attributions, with the error that their computation leaves."""
