"""The documents say everything that is declared, in both languages, and Markdown is shown and not obeyed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext, override

from mlcore.registry import all_tasks
from mlcore.spec import params
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.settings.env import SETTINGS
from portal.web.markdown import html_of

CALCULATORS = list(all_calculators().values())
TASKS = list(all_tasks().values())
prefixes = pytest.mark.parametrize("prefix", ["", "/zh-hans"])


def _page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


@prefixes
def test_the_index_leads_to_every_document(prefix: str, client: Client) -> None:
    text = _page(client, f"{prefix}/docs/")
    for slug in all_calculators():
        assert f'{prefix}/docs/calculators/{slug}"' in text
    for slug in all_tasks():
        assert f'{prefix}/docs/tasks/{slug}"' in text
    for page in ("settings", "api", "guides/calculator", "guides/task"):
        assert f'{prefix}/docs/{page}"' in text


@prefixes
@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda calculator: calculator.slug)
def test_a_calculator_s_page(calculator: Calculator, prefix: str, client: Client) -> None:
    text = _page(client, f"{prefix}/docs/calculators/{calculator.slug}")
    for name, param, _ in params(calculator.inputs):
        assert f"<code>{name}</code>" in text
        if param.row is not None:
            assert all(f"<code>{name}[].{inner}</code>" in text for inner, _, _ in params(param.row))
    for name in calculator.outputs:
        assert f'id="{name}"' in text
    with override("zh-hans" if prefix else "en"):
        sources = [gettext(source) for source in calculator.sources]
    for source in sources:
        assert escape(source) in text
    assert f"/api/v1/calculators/{calculator.slug}/evaluate" in text


@pytest.mark.parametrize("calculator", CALCULATORS, ids=lambda calculator: calculator.slug)
def test_worked_examples_open_filled_in(calculator: Calculator, client: Client) -> None:
    examples = client.get(reverse("docs:calculator", args=[calculator.slug])).context["examples"]
    assert len(examples) == len(calculator.examples)
    for shown, example in zip(examples, calculator.examples, strict=True):
        assert [label for label, _ in shown.expected] == [calculator.outputs[name].label for name in example.expected]
        assert client.get(f"/tools/{calculator.slug}/?{shown.query}").status_code == 200


def test_formulas_are_filled_with_the_starting_values(client: Client) -> None:
    rows = {row.name: row for row in client.get("/docs/calculators/runway").context["outputs"]}
    assert rows["net_growth"].formula == "New revenue − Churn"
    assert rows["net_growth"].substituted.count("%") == 2


@prefixes
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.slug)
def test_a_task_s_page(task, prefix: str, client: Client) -> None:
    text = _page(client, f"{prefix}/docs/tasks/{task.slug}")
    for action in task.actions:
        for name, _, _ in params(action.inputs):
            assert f"<code>{name}</code>" in text
        for name in action.results:
            assert f"<code>{name}</code>" in text


@prefixes
def test_every_setting_is_told(prefix: str, client: Client) -> None:
    text = _page(client, f"{prefix}/docs/settings")
    for setting in SETTINGS:
        assert f'id="{setting.name}"' in text
        if setting.default and not setting.secret and setting.type == "text":
            assert escape(setting.default) in text


@pytest.mark.parametrize("guide", ["calculator", "task"])
def test_guides_are_the_files_beside_the_code(guide: str, client: Client) -> None:
    text = _page(client, f"/docs/guides/{guide}")
    assert 'class="prose"' in text
    assert "hl-" in text  # code is coloured
    assert client.get("/docs/guides/nope").status_code == 404


def test_the_api_page_runs_under_the_content_policy(client: Client) -> None:
    text = _page(client, "/docs/api")
    assert "<style" not in text
    assert "swagger-ui-bundle" in text
    script = client.get("/docs/api?script=")
    assert script["Content-Type"] == "application/javascript"
    assert reverse("api:schema") in script.content.decode()


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](http://example.org/x.png)", "<b onclick=x>y</b>",
     "```evil\n<script>\n```", "[x](data:text/html,<script>)"],
)  # fmt: skip
def test_markdown_is_shown_and_not_obeyed(text: str) -> None:
    made = html_of(text)
    assert not any(bad in made for bad in ("<script", "<img", "<b ", 'href="javascript', 'href="data'))


def test_markdown_headings_stand_below_the_page_s_own() -> None:
    assert html_of("# Title\n\n## Part") == "<h2>Title</h2>\n<h3>Part</h3>\n"
    assert '<span class="hl-k">def</span>' in html_of("```python\ndef f(): ...\n```")
    assert "<table>" in html_of("| a |\n|---|\n| 1 |")
