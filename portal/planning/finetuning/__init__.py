"""Fine-tuning a decoder-only transformer: what is trained, memory, time and money. Declared as ``fine-tune``.

``tuning`` says how a model is fine-tuned, ``trainable`` counts what is trained, ``memory`` and ``speed`` are physical
models whose coefficients the families ``finetune-memory`` and ``finetune-speed`` fit; the rest is the calculator's.
"""
