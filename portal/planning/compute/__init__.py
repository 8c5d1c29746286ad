"""Transformer arithmetic: parameters, FLOPs, memory, time and energy of one training run.

Pure functions of whole numbers (the structure of model and cluster) and of numbers or arrays of draws (tokens,
utilisation, price). Calculators share them; they know nothing of declared inputs, catalogue or words.
"""
