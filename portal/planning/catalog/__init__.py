"""Dated facts that calculators start from: accelerators, prices, architectures, published runs, carbon of grids.

Each table is a CSV file beside its loader; every row names its source and the month in which it held. Rows are read
and checked when the module is imported, so that a wrong table stops the start.
"""
