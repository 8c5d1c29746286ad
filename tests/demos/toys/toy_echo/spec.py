"""A task without a model: it says what it was given, and measures as it is told."""

from dataclasses import dataclass

from mlcore.spec import choice, integer, media, number, text
from mlcore.task import Action, Mode, Result, Task

_RUN = "mlcore.tasks.toy_echo.run"


@dataclass(frozen=True, slots=True, kw_only=True)
class SayInputs:
    words: str = text("Words", default="one two three", max_length=500, group="Text", help="What to say.")
    loud: str = choice("Voice", default="plain", choices={"plain": "Plain", "loud": "Loud"}, help="How to say it.")
    seconds: float = number("Seconds a word", default=0.0, low=0, high=5, fixed=True, group="Pace", help="How slowly.")
    model: str = text("Trained model", default="", max_length=64, group="Model", help="The id of a run.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnInputs:
    data: str = choice("Text", default="shipped", choices={"shipped": "Ours", "upload": "Mine"}, help="What to learn.")
    upload: str = media(
        "Your text", accept=("text/plain",), max_bytes=1_000, when=("data", ("upload",)), help="A short text."
    )
    size: str = choice("Size", default="small", choices={"small": "Small", "large": "Large"}, help="How much.")
    steps: int = integer("Steps", default=10, low=1, high=1_000, fixed=True, help="How long.")


SAY = Action(
    slug="say",
    title="Say it",
    help="Repeats your words, one by one.",
    mode=Mode.INTERACTIVE,
    inputs=SayInputs,
    entry=f"{_RUN}:say",
    artifact_folders={"model": "model_folder"},
    results={
        "text": Result(label="Text", kind="text"),
        "tokens": Result(label="Words", kind="number", unit="tokens"),
        "tokens_per_second": Result(label="Speed", kind="number", unit="tokens/s"),
        "device": Result(label="Device", kind="text"),
    },
    examples=({"words": "to be or not"}, {"words": "<b>bold</b>", "loud": "loud"}),
)
LEARN = Action(
    slug="learn",
    title="Learn it",
    help="Counts words.",
    mode=Mode.TRAINING,
    inputs=LearnInputs,
    entry=f"{_RUN}:learn",
    estimate=f"{_RUN}:estimate",
    results={
        "words": Result(label="Words", kind="number", quantity="toy_words"),
        "speed": Result(label="Speed", kind="number", unit="steps/s", quantity="toy_step_speed"),
        "unknown": Result(label="Unknown", kind="number", quantity="toy_unknown"),
        "device": Result(label="Device", kind="text"),
    },
)
TASK = Task(slug="toy-echo", title="Echo", summary="Says what it is given.", family="Toys", actions=(SAY, LEARN))
