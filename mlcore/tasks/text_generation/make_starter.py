"""Train the starter model and pack it: ``python -m mlcore.tasks.text_generation.make_starter``.

Writes ``starter/`` and ``card.md`` beside this file. The run lives in ``--folder`` and goes on from there when it was
interrupted; when it has ended, the command only packs. Every figure of the card is one that the run measured.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from mlcore.__main__ import Terminal
from mlcore.models.saved import FILES, load_model
from mlcore.models.shape import DecoderConfig
from mlcore.progress import Quiet
from mlcore.storage import write_atomic
from mlcore.tasks.text_generation.run import generate, train
from mlcore.tasks.text_generation.spec import GenerateInputs, TrainInputs

MAX_BYTES = 8_000_000
_HERE = Path(__file__).parent

# The recipe of the shipped weights; early stopping keeps it from learning the novels by heart.
RECIPE: dict[str, Any] = {
    "data": "shipped",
    "size": "small",
    "sequence": 256,
    "batch": 16,
    "learning_rate": 0.002,
    "patience": 6,
    "seed": 1,
    "budget_minutes": 10_000,
    "budget_usd": 100_000,
}
STEPS = 1_200

_CARD = Template("""# Text generation: the starter model

A small language model that goes on from a prompt in the manner of the text it has read. It is here so that the demo speaks
at first start, and as the reference run of the training pipeline.

| | |
|---|---|
| Model | decoder-only transformer of the Llama family, $parameters parameters: $layers layers, width $hidden, $heads heads, feed-forward $ffn, vocabulary $vocab, context $context |
| Data | $data, 4.0 MB, from Project Gutenberg; $licence, see `mlcore/data/README.md` |
| Split | the last twentieth of the characters, the end of *Persuasion*, is held out in one piece; neither tokenizer nor weights have seen it |
| Training | $steps steps of $batch × $sequence: $trained_tokens tokens, seed $seed; AdamW, learning rate $learning_rate, warm-up and cosine; ended by: $stopped_by; kept are the weights of step $best_step, the best on held-out text |
| Held out | $validation_loss nats per token, perplexity $perplexity, $bits_per_byte bits per byte, on $held_out_tokens held-out tokens, each predicted from those before it in its block of $sequence, with the weights as stored |
| Trained on | $device, $trained_on: $minutes minutes, $tokens_per_second tokens/s |
| Files | weights in 16 bits as safetensors, tokenizer and facts as JSON, each with its SHA-256 |

## Made by one command

```sh
python -m mlcore.tasks.text_generation.make_starter --steps $asked_steps
```

On the same machine, with the same libraries and thread count, it gives the same weights to the bit, interrupted or not; elsewhere
they differ in their last bits, and the figures in their last digits.

## What it writes

From “$prompt” with the starting settings:

> $sample

## Known failures

- It has read six novels of one author and nothing else: it knows no facts, follows no instructions and answers no questions.
- Sentences are in the manner of the period and mostly grammatical; who speaks to whom, and why, is lost within a few of them.
- Names of all six novels meet in one scene, and words are made up where none was likely.
- It sees $sequence tokens, some 900 characters. What stood before is forgotten.
- It repeats itself at low temperatures, and turns to noise at high ones.
- Other languages, code and modern words are spelled out byte by byte and answered with noise.
- The novels speak of rank, marriage and empire as their time did; so does the model.
""")  # noqa: E501 - a row of a table is one line


def main(arguments: list[str] | None = None) -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch starts threads, as in mlcore.__main__
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=STEPS, help="updates of the weights")
    parser.add_argument("--folder", type=Path, default=Path(".state/starter-run"), help="where the run lives")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    train(TrainInputs(**RECIPE, steps=given.steps), Terminal(given.folder, sys.stderr))
    pack(given.folder, _HERE)


def pack(run: Path, task: Path) -> None:
    """Put the model that lies in ``run`` into the folder of the task, with its card.

    Raises:
        ValueError: no model lies there, or it is larger than the repository takes.
    """
    saved = load_model(run)
    size = sum((run / file).stat().st_size for file in FILES.values())
    if size > MAX_BYTES:
        raise ValueError(f"Wanted a starter model of at most {MAX_BYTES:,} bytes, got {size:,}. Train a smaller size.")
    starter = task / "starter"
    starter.mkdir(exist_ok=True)
    # model.json last: it names the others by their hashes.
    for file in sorted(FILES.values(), key=lambda name: name == FILES["model"]):
        write_atomic(starter / file, (run / file).read_bytes())
    inputs = GenerateInputs(model="starter")
    sample = generate(inputs, Quiet(run), model_folder=starter)["text"]
    write_atomic(task / "card.md", card(saved.facts, saved.decoder.config, inputs.prompt, sample).encode())


def card(facts: Mapping[str, Any], config: DecoderConfig, prompt: str, sample: str) -> str:
    """The card in Markdown."""
    counts = ("parameters", "vocab", "steps", "best_step", "trained_tokens", "held_out_tokens")
    quoted = "\n>\n> ".join(" ".join(part.split()) for part in f"{prompt}{sample}".split("\n\n"))
    return _CARD.substitute(
        {
            **config.to_json(),
            **facts,
            **{name: f"{facts[name]:,}" for name in counts},
            "validation_loss": f"{facts['validation_loss']:.3f}",
            "perplexity": f"{facts['perplexity']:.1f}",
            "bits_per_byte": f"{facts['bits_per_byte']:.3f}",
            "minutes": f"{facts['seconds'] / 60:.0f}",
            "tokens_per_second": f"{facts['tokens_per_second']:,.0f}",
            "prompt": prompt,
            "sample": quoted,
        }
    )


if __name__ == "__main__":
    main()
