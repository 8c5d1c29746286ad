"""How classifiers compare on the same held-out images: networks and baselines alike, as functions from pixels."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlcore.data.images import Images, as_read
from mlcore.data.images_file import as_png
from mlcore.evaluate.classification import Measures, measure
from mlcore.tasks.image_classification.network import ImageNetwork
from mlcore.train.classify import all_logits, probabilities

Reader = Callable[[np.ndarray], np.ndarray]
"""Images (N, H, W, 1 or 3) uint8 to probabilities (N, classes)."""

_BASELINE_SIDE = 8
_UNTIMED, _TIMED = 5, 60  # images read one by one
_SHOWN_SIDE = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One classifier on one set of held-out images."""

    name: str
    measured: Measures
    probabilities: np.ndarray  # (N, classes)
    megabytes: float
    seconds: np.ndarray  # of each image that was timed
    is_network: bool

    @property
    def requests_per_second(self) -> float:
        return 1 / float(self.seconds.mean())

    def usd_per_request(self, price_per_hour: float) -> float | None:
        return float(self.seconds.mean()) / 3600 * price_per_hour if price_per_hour else None


def read_by(network: ImageNetwork) -> Reader:
    def read(pixels: np.ndarray) -> np.ndarray:
        return probabilities(all_logits(network, network.read(pixels))).numpy()

    return read


def small(images: Images, *, channels: int) -> Images:
    """As the baselines see them, 8 by 8."""
    pixels = as_read(images.pixels, size=_BASELINE_SIDE, channels=channels).permute(0, 2, 3, 1).numpy()
    return Images(pixels=pixels, labels=images.labels, classes=images.classes)


def fit_baseline(name: str, learnt: Images) -> Reader:
    """Logistic regression or three nearest neighbours on the pixels of ``learnt``, which ``small`` has made."""
    channels = learnt.pixels.shape[-1]
    if name == "logistic":
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    else:
        model = KNeighborsClassifier(n_neighbors=3)
    model.fit(_flat(learnt.pixels), learnt.labels)

    def read(pixels: np.ndarray) -> np.ndarray:
        seen = as_read(pixels, size=_BASELINE_SIDE, channels=channels).permute(0, 2, 3, 1).numpy()
        return model.predict_proba(_flat(seen))

    return read


def baseline_megabytes(name: str, learnt: Images) -> float:
    """Logistic regression keeps a weight of 8 bytes for each pixel and class, with an offset for each class; the
    neighbours keep the images."""
    if name == "logistic":
        return 8 * (learnt.pixels[0].size + 1) * len(learnt.classes) / 1e6
    return learnt.pixels.nbytes / 1e6


def row(
    name: str, reader: Reader, test: Images, *, megabytes: float, is_network: bool, check: Callable[[], None]
) -> Row:
    check()
    found = reader(test.pixels)
    return Row(
        name=name, measured=measure(test.labels, found), probabilities=found, megabytes=megabytes,
        seconds=_timed(reader, test.pixels, check), is_network=is_network,
    )  # fmt: skip


def comparison_table(rows: list[Row], price_per_hour: float) -> dict[str, Any]:
    def cells(each: Row) -> list[Any]:
        accuracy = each.measured.accuracy
        usd = each.usd_per_request(price_per_hour)
        half, most = np.quantile(each.seconds, (0.5, 0.95)) * 1000
        return [
            each.name, accuracy.value, accuracy.low, accuracy.high, each.measured.f1.value, each.megabytes,
            float(half), float(most), None if usd is None else 1000 * usd,
        ]  # fmt: skip

    columns = [
        ["Model", ""], ["Accuracy", "%"], ["Accuracy from", "%"], ["Accuracy to", "%"], ["Macro F1", "%"],
        ["Size", "MB"], ["Half within", "ms"], ["95% within", "ms"], ["Per 1,000", "USD"],
    ]  # fmt: skip
    return {"columns": columns, "rows": [cells(each) for each in rows]}


def confusion_figure(table: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any]:
    grid = {"rows": list(classes), "columns": list(classes), "values": table.tolist()}
    return {"grid": grid, "x": ["Read as", ""], "y": ["What it is", ""]}


def misread_images(found: np.ndarray, test: Images, most: int) -> list[dict[str, str]]:
    """Those read wrongly with the highest probability (N, classes) first."""
    read = found.argmax(axis=1)
    wrong = np.flatnonzero(read != test.labels)
    surest = wrong[np.argsort(-found[wrong].max(axis=1), kind="stable")][:most]
    return [
        {
            "png": as_png(test.pixels[at], side=_SHOWN_SIDE),
            "alt": f"{test.classes[test.labels[at]]} → {test.classes[read[at]]}",
            "caption": f"{test.classes[test.labels[at]]} → {test.classes[read[at]]} ({found[at].max():.0%})",
        }
        for at in surest
    ]


def _timed(reader: Reader, pixels: np.ndarray, check: Callable[[], None]) -> np.ndarray:
    """Seconds of one image at a time."""
    seconds = []
    for turn in range(_UNTIMED + _TIMED):
        check()
        at = turn % len(pixels)
        started = time.perf_counter()
        reader(pixels[at : at + 1])
        seconds.append(time.perf_counter() - started)
    return np.array(seconds[_UNTIMED:])


def _flat(pixels: np.ndarray) -> np.ndarray:
    return pixels.reshape(len(pixels), -1) / 255
