"""What a network has to beat: TF-IDF weights of words and pairs of words, and a logistic regression.

It is fitted from the training reviews where it is needed, in seconds; nothing of it is stored.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from mlcore.data.labelled import Labelled, shipped_reviews

_STRENGTH = 2.0  # inverse of the regularisation; of 1, 2, 4, 10 and 20 the best on the validation reviews


class Baseline:
    def __init__(self, training: Labelled) -> None:
        self._words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=np.float32)
        self._regression = LogisticRegression(C=_STRENGTH, max_iter=1_000)
        self._pipeline = Pipeline([("words", self._words), ("regression", self._regression)])
        self._pipeline.fit(training.texts, training.labels)

    def answers(self, texts: list[str]) -> np.ndarray:
        """Probabilities (N, C) of ``texts``."""
        return self._pipeline.predict_proba(texts).astype(float)

    @property
    def parameters(self) -> int:
        """Weights of the regression and of the terms."""
        return self._regression.coef_.size + self._regression.intercept_.size + self._words.idf_.size

    @property
    def bytes(self) -> int:
        """What it would take to store: numbers in 32 bits, and the terms."""
        return 4 * self.parameters + sum(len(term.encode()) + 1 for term in self._words.vocabulary_)


@cache
def shipped_baseline() -> Baseline:
    return Baseline(shipped_reviews().training)
