"""Items, labels, gigabytes and dollars of each data set; draws are the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.datacost.inputs import COLLECTED, LICENSED, MODALITIES, SYNTHETIC
from portal.planning.datacost.voting import ODD, expected_kappa, fewest, vote_accuracies
from portal.planning.finance import Array, draw_count, quotient

MB_OF_GB = 1_000
TOKENS_PRICED = 1e6


def budget(x: Any) -> dict[str, Any]:
    """Every output of the calculator. Single values have shape (draws,), others an axis of data sets, of kinds of data
    or of annotators before it; without draws that axis is dropped."""
    draws = draw_count(x)
    table = _Table(x.data_sets, draws or 1)
    costs = _by_set(x, table)
    votes = vote_accuracies(np.broadcast_to(x.accuracy, draws or 1), x.classes)
    results = _costs(x, table, costs) | _labels(x, table, costs, votes)
    return results if draws else {name: value[..., 0] for name, value in results.items()}


class _Table:
    """The columns of the data sets, each of shape (data sets, draws), and what follows from them."""

    def __init__(self, rows: Any, draws: int) -> None:
        self.rows = rows
        self.draws = draws
        self.wanted = self.column("wanted")
        self.collected = self.wanted / self.column("kept")
        self.decided = self.wanted * self.column("labels")
        self.once = self.decided * self.column("label_price")
        self.annotators = np.array([row.annotators for row in rows])

    def column(self, name: str) -> Array:
        return np.stack([np.broadcast_to(np.float64(getattr(row, name)), self.draws) for row in self.rows])

    def where(self, name: str, value: str) -> Array:
        """1 where a choice has the value, else 0: shape (data sets, 1)."""
        return np.array([[float(getattr(row, name) == value)] for row in self.rows])


def _by_set(x: Any, table: _Table) -> dict[str, Array]:
    """Dollars by part, and gigabytes, of each data set."""
    bought = table.collected * table.column("price")
    stored = table.collected if x.keep_dropped else table.wanted
    gigabytes = stored * table.column("size") / MB_OF_GB * x.copies
    tokens = table.collected * table.column("tokens")
    return {
        "collecting": table.where("source", COLLECTED) * bought,
        "licensing": table.where("source", LICENSED) * bought,
        "synthetic": table.where("source", SYNTHETIC) * tokens / TOKENS_PRICED * table.column("token_price"),
        "cleaning": table.collected * table.column("cleaning_price"),
        "labelling": table.once * table.annotators[:, np.newaxis],
        "stored": gigabytes,
        "storage": gigabytes * x.storage_price * x.months,
    }


def _costs(x: Any, table: _Table, by_set: dict[str, Array]) -> dict[str, Any]:
    parts = {name: value.sum(axis=0) for name, value in by_set.items()}
    egress = np.broadcast_to(x.egress * x.egress_price, table.draws)
    cost_of = sum(value for name, value in by_set.items() if name != "stored")
    total = sum((value for name, value in parts.items() if name != "stored"), start=egress)
    usable = table.wanted.sum(axis=0)
    return {
        **parts,
        "egress_cost": egress,
        "total": total,
        "usable": usable,
        "cost_per_usable": total / usable,
        "monthly_storage": parts["stored"] * x.storage_price,
        "collected": table.collected,
        "cost_of": cost_of,
        "cost_each": cost_of / table.wanted,
        "stored_of": by_set["stored"],
        "cost_by_kind": np.stack([(table.where("modality", kind) * cost_of).sum(axis=0) for kind in MODALITIES]),
    }


def _labels(x: Any, table: _Table, by_set: dict[str, Array], votes: Array) -> dict[str, Any]:
    accuracies = votes[table.annotators - 1]
    decided, once = table.decided.sum(axis=0), table.once.sum(axis=0)
    correct = (table.decided * accuracies).sum(axis=0)
    needed = fewest(votes, x.wanted_accuracy)
    odd = np.array(ODD)
    labelling_by = once * odd[:, np.newaxis]
    return {
        "labels": (table.decided * table.annotators[:, np.newaxis]).sum(axis=0),
        "decided": decided,
        "correct": correct,
        "label_accuracy": quotient(correct, decided),
        "cost_per_correct": quotient(by_set["labelling"].sum(axis=0), correct),
        "kappa": np.broadcast_to(expected_kappa(x.accuracy, x.classes), table.draws),
        "labelling_once": once,
        "annotators_needed": needed,
        # Where none are enough nothing can be bought, also if labels are free.
        "labelling_at_wanted": np.where(np.isfinite(needed), once, 1) * needed,
        "accuracy_of": np.where(table.decided > 0, accuracies, np.inf),
        "accuracy_by": votes[odd - 1],
        "labelling_by": labelling_by,
        "cost_per_correct_by": quotient(labelling_by, decided * votes[odd - 1]),
    }
