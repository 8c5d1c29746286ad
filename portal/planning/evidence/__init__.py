"""Published measurements, what our estimators say of them, and how far the two lie apart.

A family of measurements is one file in ``families/`` with its table in ``tables/``. Its coefficients and predictions of
cross-validation are written by ``manage.py refit`` into ``coefficients.csv`` and ``predictions.csv``; calculators
read both, and never fit.
"""
