"""One folder a task: ``spec.py`` is standard library only, ``run.py`` may import torch. See README.md."""
