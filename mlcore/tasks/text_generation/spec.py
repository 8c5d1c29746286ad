"""What text generation asks and answers. Standard library only; the code that runs is in ``run.py``."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import choice, integer, media, number, text
from mlcore.task import Action, Mode, Result, Task
from mlcore.train import declared

_RUN = "mlcore.tasks.text_generation.run"
_UPLOAD = ("data", ("upload",))
MAX_STOP_SEQUENCES = 8


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateInputs:
    prompt: str = text(
        "Prompt", default="It is a truth universally acknowledged, that", max_length=8_000, group="Prompt",
        help="The text to go on from. A model reads as much of its end as its context holds; empty starts afresh.")
    max_new_tokens: int = integer(
        "Length", default=160, low=1, high=1_000, fixed=True, unit="tokens", group="Prompt",
        help="The most tokens to write. A token is some three to four letters.")
    stop: str = text(
        "Stop at", default="", max_length=400, group="Prompt",
        help="Texts at which to stop, one on each line, eight at most. They do not appear in the output.")
    temperature: float = number(
        "Temperature", default=0.8, low=0, high=2, fixed=True, group="Sampling",
        help="Below 1 the likely words become likelier, above 1 the unlikely ones. 0 always takes the likeliest.")
    top_k: int = integer(
        "Top k", default=50, low=0, high=1_000, fixed=True, unit="tokens", group="Sampling",
        help="Draw from this many of the likeliest tokens; 0 from all.")
    top_p: float = number(
        "Top p", default=0.95, low=0.01, high=1, fixed=True, unit="%", group="Sampling",
        help="Draw from the fewest tokens that together are this likely.")
    repetition_penalty: float = number(
        "Repetition penalty", default=1, low=1, high=2, fixed=True, unit="×", group="Sampling",
        help="Makes tokens that are already there less likely; 1 changes nothing.")
    seed: int = integer(
        "Seed", default=1, low=0, high=2**32 - 1, fixed=True, group="Sampling",
        help="The same seed, prompt and settings give the same text.")
    model: str = text(
        "Trained model", default="", max_length=64, group="Model",
        help="The model of a training run that has finished, by the id of that run. Empty takes the starter model, "
        "which was trained on six novels by Jane Austen.")
    hub_model: str = text(
        "Hub model", default="", max_length=200, group="Model",
        help="A checkpoint from a model hub instead, as repository@revision with the full commit hash. The operator "
        "decides whether this is possible, and which checkpoints are allowed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeInputs:
    requests: int = integer(
        "Requests at once", default=16, low=1, high=256, fixed=True, group="Load",
        help="Answered together, a token of each at a time. Fewer are measured too, for comparison.")
    prompt: int = integer(
        "Prompt", default=64, low=1, high=1_000, fixed=True, unit="tokens", group="Load",
        help="Tokens of each request, drawn at random: what they say makes no difference to the time.")
    output: int = integer(
        "Answer", default=64, low=1, high=1_000, fixed=True, unit="tokens", group="Load",
        help="Tokens that are written for each request.")
    seconds: float = number(
        "Measured for", default=6, low=0.1, high=60, fixed=True, unit="seconds", group="Load",
        help="All numbers of requests together. What began is finished, and warming up comes on top.")
    seed: int = integer(
        "Seed", default=1, low=0, high=2**32 - 1, fixed=True, group="Load", help="Of the prompts.")
    model: str = text(
        "Trained model", default="", max_length=64, group="Model",
        help="The model of a training run that has finished, by the id of that run. Empty takes the starter model.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainInputs:
    data: str = choice(
        "Text", default="shipped", group="Data",
        choices={"shipped": "Six novels by Jane Austen, 4.0 MB", "upload": "A text of my own"},
        help="What the model learns from. The last twentieth is held out, to measure with text that it has never seen.")
    upload: str = media(
        "Your text", accept=("text/plain",), max_bytes=16 * 1024 * 1024, group="Data", when=_UPLOAD,
        help="Plain text in UTF-8, from 20,000 characters to 16 MiB, in any language.")
    size: str = choice(
        "Size", default="tiny", group="Model",
        choices={
            "tiny": "Tiny: 0.73 million parameters",
            "small": "Small: 3.7 million parameters",
            "medium": "Medium: 14 million parameters",
        },
        help="A larger model writes better and trains slower. The counts are those with the shipped text.")
    sequence: int = integer(
        "Sequence length", default=128, low=32, high=1_024, fixed=True, unit="tokens", group="Model",
        help="Tokens that the model sees together, while it learns and when it writes.")
    steps: int = integer(
        "Steps", default=600, low=1, high=100_000, fixed=True, group="Training",
        help="Updates of the weights. The learning rate rises over the first of them, then falls along a cosine.")
    batch: int = integer(
        "Batch", default=16, low=1, high=256, fixed=True, group="Training",
        help="Sequences that are computed together.")
    accumulation: int = integer(
        "Batches a step", default=1, low=1, high=64, fixed=True, group="Training",
        help="Batches whose gradients are summed before one update: a larger batch in the same memory.")
    learning_rate: float = number(
        "Learning rate", default=0.003, low=1e-6, high=0.1, fixed=True, group="Training",
        help="The highest. Too high and the loss turns into nonsense; too low and little is learnt.")
    patience: int = declared.patience(5)
    seed: int = integer(
        "Seed", default=1, low=0, high=2**32 - 1, fixed=True, group="Training",
        help="Fixes the first weights, the order of the text and all else that is drawn.")
    budget_minutes: float = declared.budget_minutes()
    budget_usd: float = declared.budget_usd()


_MEMORY = {
    "device_memory_gib": Result(
        label="Memory of the device", kind="number", unit="GiB", quantity="device_memory_gib",
        help="As software sees it."),
}
_SPEED = {
    "tokens_per_second": Result(
        label="Training speed", kind="number", unit="tokens/s", quantity="tokens_per_second",
        help="Tokens learnt from in a second of training steps, evaluation and saving left out."),
    "achieved_flops": Result(
        label="Achieved", kind="number", unit="FLOP/s", quantity="achieved_flops",
        help="Tokens a second times the FLOPs that a token needs forward and backward, attention as a causal half."),
    "utilisation": Result(
        label="Utilisation", kind="number", unit="%", quantity="utilisation",
        help="Achieved over the fastest matrix product measured on this device just before (MFU on a measured peak)."),
    **_MEMORY,
}
_MODEL = {
    "layers": Result(label="Layers", kind="number", quantity="arch.layers"),
    "hidden": Result(label="Hidden width", kind="number", quantity="arch.hidden"),
    "heads": Result(label="Attention heads", kind="number", quantity="arch.heads"),
    "kv_heads": Result(label="Key-value heads", kind="number", quantity="arch.kv_heads"),
    "ffn": Result(label="Feed-forward width", kind="number", quantity="arch.ffn"),
    "vocab": Result(label="Vocabulary", kind="number", unit="tokens", quantity="arch.vocab"),
    "gated": Result(label="Gated feed-forward", kind="flag", quantity="arch.gated"),
    "tied": Result(label="Tied embedding", kind="flag", quantity="arch.tied"),
}
_SHAPE = {
    **_MODEL,
    "sequence": Result(label="Sequence length", kind="number", unit="tokens", quantity="arch.seq"),
    "biases": Result(label="Biases and LayerNorm", kind="flag", quantity="arch.biases"),
    "learned_positions": Result(label="Learned positions", kind="flag", quantity="arch.learned_positions"),
    "trained_tokens": Result(label="Training tokens", kind="number", unit="tokens", quantity="train.tokens",
                             help="Tokens seen in all, repeats included."),
    "global_batch": Result(label="Sequences of a step", kind="number", quantity="train.global_batch"),
    "micro_batch": Result(label="Sequences at a time", kind="number", quantity="train.micro_batch"),
    "devices": Result(label="Devices", kind="number", unit="devices", quantity="train.devices"),
    "tensor_parallel": Result(label="Tensor split", kind="number", quantity="train.tensor_parallel"),
    "pipeline_parallel": Result(label="Pipeline split", kind="number", quantity="train.pipeline_parallel"),
    "attention_count": Result(label="Attention counted as", kind="text", quantity="train.attention_count",
                              words={"causal": "The half that a causal kernel computes"}),
}

GENERATE = Action(
    slug="generate",
    title="Write on from a prompt",
    help="The model continues your text, word by word.",
    mode=Mode.INTERACTIVE,
    inputs=GenerateInputs,
    entry=f"{_RUN}:generate",
    artifact_folders={"model": "model_folder"},
    results={
        "text": Result(label="Text", kind="text"),
        "tokens": Result(label="Tokens", kind="number", unit="tokens"),
        "first_token_seconds": Result(label="First token after", kind="number", unit="seconds",
                                      help="From reading the prompt to the first token, loading the model left out."),
        "seconds": Result(label="Time in all", kind="number", unit="seconds"),
        "tokens_per_second": Result(label="Writing speed", kind="number", unit="tokens/s",
                                    help="After the first token."),
        "stopped_by": Result(
            label="Ended by", kind="text",
            words={
                "length": "The length that was asked for",
                "stop sequence": "A text to stop at",
                "end of text": "The model, which ended its text",
            }),
        "model": Result(label="Model", kind="text"),
    },
    examples=(
        {"prompt": "It is a truth universally acknowledged, that"},
        {"prompt": "“I cannot think,” said Elizabeth,", "temperature": 0.7},
        {"prompt": "My dear Fanny,", "temperature": 0.9, "max_new_tokens": 240},
        {"prompt": "The ball at Netherfield", "temperature": 0, "repetition_penalty": 1.2},
    ),
)

SERVE = Action(
    slug="serve",
    title="Measure serving",
    help="Many requests at once, as a server has them: how many tokens a second this machine writes, to plan with.",
    mode=Mode.INTERACTIVE,
    inputs=ServeInputs,
    entry="mlcore.tasks.text_generation.serve:serve",
    artifact_folders={"model": "model_folder"},
    results={
        "curve": Result(
            label="Speed by requests at once", kind="figure",
            words={name: name for name in ("Measured", "Requests at once", "Tokens a second")}),
        "tokens_per_second": Result(
            label="Serving speed", kind="number", unit="tokens/s", quantity="serve.tokens_per_second",
            help="Tokens of all answers in a second, with the time for their prompts."),
        "first_token_seconds": Result(label="First token after", kind="number", unit="seconds",
                                      help="Of requests that all come together."),
        "between_seconds": Result(label="Between tokens", kind="number", unit="seconds",
                                  help="Of one request, while the others are answered too."),
        "requests": Result(label="Requests at once", kind="number"),
        "prompt": Result(label="Prompt", kind="number", unit="tokens", quantity="serve.prompt_tokens"),
        "output": Result(label="Answer", kind="number", unit="tokens", quantity="serve.output_tokens"),
        "model": Result(label="Model", kind="text"),
        "replica_devices": Result(label="Devices", kind="text", quantity="serve.devices",
                                  help="That the model was split between."),
        **_MODEL,
        **_MEMORY,
        **declared.DEVICE,
    },
    examples=({"requests": 16}, {"requests": 64, "prompt": 32, "output": 64}),
)

TRAIN = Action(
    slug="train",
    title="Train a language model",
    help="A model of your size learns to write like your text, while you watch.",
    mode=Mode.TRAINING,
    inputs=TrainInputs,
    entry=f"{_RUN}:train",
    estimate="mlcore.tasks.text_generation.quote:estimate",
    results={
        "validation_loss": Result(label="Held-out loss", kind="number", unit="nats/token", quantity="validation_loss",
                                  help="On all of the held-out text, with the weights as they are stored."),
        "perplexity": Result(label="Perplexity", kind="number", quantity="perplexity",
                             help="e to the held-out loss: among how many tokens the model hesitates."),
        "bits_per_byte": Result(label="Bits per byte", kind="number", unit="bits",
                                help="The held-out loss, comparable between tokenizers."),
        "sample": Result(label="What it writes", kind="text"),
        "parameters": Result(label="Parameters", kind="number", unit="parameters"),
        **declared.COURSE,
        **declared.DEVICE,
        **_SPEED,
        **_SHAPE,
    },
    examples=(
        {"size": "tiny", "steps": 600},
        {"size": "small", "sequence": 256, "steps": 2_000, "learning_rate": 0.002, "budget_minutes": 60},
    ),
)
# fmt: on

TASK = Task(
    slug="text-generation",
    title="Text generation",
    summary="A language model that writes on from your prompt, and that you can train on your own text.",
    family="Language",
    actions=(GENERATE, SERVE, TRAIN),
)
