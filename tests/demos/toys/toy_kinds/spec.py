"""A task without a model that gives a result of every kind, and learns with measures of its own."""

from dataclasses import dataclass

from mlcore.spec import choice, integer, media, text
from mlcore.task import LOSS, Action, Curve, Mode, Result, Task

_RUN = "mlcore.tasks.toy_kinds.run"
_UPLOAD = ("data", ("archive", "table"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookInputs:
    picture: str = media(
        "Picture", accept=("image/png", "image/jpeg", "image/webp"), max_bytes=4_000_000, ways=("draw", "camera"),
        group="Picture", help="What to look at: drawn, photographed or a file.",
    )  # fmt: skip
    words: str = text("Words", default="a good day", max_length=2_000, group="Picture", help="What to weigh.")
    wrong: str = choice("Shape", default="right", choices={"right": "Right", "wrong": "Wrong"}, help="For a test.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoInputs:
    times: int = integer("Times", default=3, low=1, high=1_000, fixed=True, help="How often.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnInputs:
    data: str = choice(
        "Data", default="own", choices={"own": "Ours", "archive": "Pictures", "table": "A table"}, help="What."
    )
    archive: str = media(
        "Archive", accept=("application/zip",), max_bytes=1_000_000, when=("data", ("archive",)), help="ZIP."
    )
    table: str = media("Table", accept=("text/csv",), max_bytes=1_000_000, when=("data", ("table",)), help="CSV.")


LOOK = Action(
    slug="look",
    title="Look at a picture",
    help="Says how bright it is, in every way that there is.",
    mode=Mode.INTERACTIVE,
    inputs=LookInputs,
    entry=f"{_RUN}:look",
    results={
        "classes": Result(label="Brightness", kind="labels", words={"dark": "Dark", "bright": "Bright"}),
        "seen": Result(label="What was seen", kind="image", help="As the model gets it."),
        "words": Result(label="What speaks for it", kind="marks"),
        "table": Result(label="By quarter", kind="table", words={"Share": "Share"}),
        "course": Result(label="Course", kind="figure"),
        "confusion": Result(label="Confusion", kind="figure"),
        "others": Result(label="Others like it", kind="image"),
        "tone": Result(label="Its tone", kind="audio"),
        "verdict": Result(label="Verdict", kind="text", words={"dark": "Dark", "bright": "Bright"}),
        "is_grey": Result(label="Grey", kind="flag"),
        "brightness": Result(label="Mean", kind="number", unit="%"),
        "seconds": Result(label="Time", kind="number", unit="seconds"),
        "pictures_per_second": Result(label="Speed", kind="number", unit="pictures/s"),
        "usd_per_request": Result(label="Cost of one", kind="number", unit="USD", quantity="usd_per_device_hour"),
        "unknown": Result(label="Unknown", kind="image"),
    },
)  # fmt: skip
COMPARE = Action(
    slug="compare", title="Compare", help="Gives a table.", mode=Mode.INTERACTIVE, inputs=NoInputs,
    entry=f"{_RUN}:compare", results={"table": Result(label="Comparison", kind="table")},
)  # fmt: skip
LEARN = Action(
    slug="learn",
    title="Learn pictures",
    help="Counts bytes.",
    mode=Mode.TRAINING,
    inputs=LearnInputs,
    entry=f"{_RUN}:learn",
    estimate=f"{_RUN}:estimate",
    results={"bytes": Result(label="Bytes", kind="number")},
    curves=(
        LOSS,
        Curve(title="Accuracy", measures={"validation_accuracy": "Held out"}, unit="%", best="max"),
        Curve(title="Throughput", measures={"pictures_per_second": "Pictures per second"}),
    ),
)
TASK = Task(
    slug="toy-kinds", title="Kinds", summary="Every kind of result.", family="Toys", actions=(LOOK, COMPARE, LEARN)
)
