"""One result of a run for a reader: each kind of value has a template ``demos/kinds/<kind>.html``, filled from here.

The page of a demo and the page of a job show the same. What a task wrote into a value as words is said in the reader's
language, by the words that its declaration gives or as a text that the catalogue has.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from mlcore.task import Result
from portal.charts.results import Axis, Drawn, cells, curves
from portal.derive.wording import figure, unit_name
from portal.tools.drawn import Figure

LONG = 80  # characters from which a text is a passage rather than a value
SMALL = 160  # pixels: a narrower picture is shown enlarged by a whole number
STRENGTHS = (0.1, 0.3, 0.6)  # weights between the four thicknesses of an underline


@dataclass(frozen=True, slots=True)
class Shown:
    """One result: its declaration and its value."""

    name: str
    result: Result
    value: Any

    @property
    def label(self) -> str:
        return gettext(self.result.label)

    @property
    def help(self) -> str:
        return gettext(self.result.help) if self.result.help else ""

    @property
    def is_timing(self) -> bool:
        """Whether it says how fast the run was: that stands in the badge."""
        return self.result.kind == "number" and (
            self.result.unit == "seconds"
            or (self.result.unit.endswith("/s") and not self.result.unit.endswith(("FLOP/s", "GB/s")))
        )

    @property
    def is_long(self) -> bool:
        """Whether it stands below its label over the whole width, not beside it."""
        if self.result.kind == "text":
            return len(self.value) > LONG or "\n" in self.value
        return self.result.kind not in ("number", "flag")

    @property
    def has_title(self) -> bool:
        """Whether the drawing says itself what it is."""
        return self.result.kind == "figure"

    @property
    def text(self) -> str:
        """The value where it is a few words."""
        return self.said(self.value) if self.result.kind == "text" else figure(self.value, self.result.unit)

    @property
    def html(self) -> SafeString:
        kind = self.result.kind
        context = _CONTEXTS[kind](self) if kind in _CONTEXTS else {"text": self.text, "is_long": self.is_long}
        return render_to_string(f"demos/kinds/{kind}.html", {"shown": self, **context})

    def said(self, text: str) -> str:
        """A word of the value in the reader's language."""
        return gettext(self.result.words.get(text, text)) if text else ""


def _labels(shown: Shown) -> dict[str, Any]:
    scores = [
        {"label": shown.said(label), "share": figure(score, "%"), "width": f"{score * 100:.4g}%"}
        for label, score in shown.value
    ]
    return {"scores": scores}


def _marks(shown: Shown) -> dict[str, Any]:
    # Words that bring no spaces of their own are set apart as words are.
    are_words = not any(piece != piece.strip() for piece, _weight in shown.value)
    pieces = [
        {
            "text": piece,
            "gap": " " if at and are_words and piece[:1].isalnum() else "",
            "weight": f"{'+' if weight > 0 else ''}{figure(round(weight, 3))}",
            "sign": "for" if weight > 0 else "against",
            "strength": sum(abs(weight) >= least for least in STRENGTHS),
            "size": abs(weight),
        }
        for at, (piece, weight) in enumerate(shown.value)
    ]
    telling = sorted((piece for piece in pieces if piece["text"].strip()), key=lambda piece: -piece["size"])
    return {"pieces": pieces, "telling": telling}


def _table(shown: Shown) -> dict[str, Any]:
    columns = shown.value["columns"]
    rows = shown.value["rows"]
    numeric = [any(isinstance(row[at], int | float) for row in rows) for at in range(len(columns))]
    return {
        "columns": [
            {"label": shown.said(label), "numeric": number}
            for (label, _unit), number in zip(columns, numeric, strict=True)
        ],
        "rows": [
            [
                {"text": _cell(shown, cell, unit), "numeric": number}
                for cell, (_label, unit), number in zip(row, columns, numeric, strict=True)
            ]
            for row in rows
        ],
    }


def _cell(shown: Shown, cell: Any, unit: str) -> str:
    return shown.said(cell) if isinstance(cell, str) else figure(cell, unit)


def _figure(shown: Shown) -> dict[str, Any]:
    x, y = (_axis(shown, shown.value.get(name, ["", ""])) for name in ("x", "y"))
    if "grid" in shown.value:
        grid = shown.value["grid"]
        rows, columns = ([shown.said(label) for label in grid[name]] for name in ("rows", "columns"))
        chart = cells(
            rows, columns, grid["values"], x=x, y=y, unit=shown.result.unit, title=shown.label, write=figure
        )  # fmt: skip
    else:
        lines = [Drawn(shown.said(line["label"]), line["x"], line["y"]) for line in shown.value["lines"]]
        chart = curves(lines, x=x, y=y, title=shown.label, write=figure)
    return {"figure": Figure(f"result-{shown.name}", shown.label, "", chart)}


def _axis(shown: Shown, named: list[str]) -> Axis:
    label, unit = shown.said(named[0]), named[1]
    name = unit_name(unit)
    return Axis(f"{label} ({name})" if label and name and name != "%" else label or name, unit)


def _image(shown: Shown) -> dict[str, Any]:
    given = shown.value if isinstance(shown.value, list) else [shown.value]
    return {"images": [_picture(shown, image) for image in given]}


def _picture(shown: Shown, image: dict[str, Any]) -> dict[str, Any]:
    # The first chunk of a PNG says how large it is; with it the page keeps the place free.
    width, height = struct.unpack(">II", base64.b64decode(image["png"][:32])[16:24])
    scale = max(1, SMALL // max(width, 1))
    return {
        "png": image["png"],
        "alt": shown.said(image["alt"]),
        "caption": shown.said(image.get("caption", "")),
        "width": width * scale,
        "height": height * scale,
        "is_enlarged": scale > 1,
    }


def _audio(shown: Shown) -> dict[str, Any]:
    return {"wav": shown.value["wav"], "alt": shown.said(shown.value["alt"])}


_CONTEXTS = {
    "labels": _labels, "marks": _marks, "table": _table, "figure": _figure, "image": _image, "audio": _audio,
}  # fmt: skip
