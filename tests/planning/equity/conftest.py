"""Whatever the engine refuses in a test can be said to every reader: its text is translated, its places are filled."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from portal.planning.equity.money import Refused


@pytest.fixture(autouse=True)
def _can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = Refused.__init__

    def said(self: Refused, *args: Any, **facts: Any) -> None:
        refuse(self, *args, **facts)
        template = self.problem.template
        with translation.override("zh-hans"):
            chinese = translation.gettext(template)
        assert chinese != template, f"not translated: {template}"
        chinese.format(**self.problem.values)

    monkeypatch.setattr(Refused, "__init__", said)
