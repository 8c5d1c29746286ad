"""The tools of translation: texts are found, faults are named, Babel compiles. The catalogue: `make check`."""

import gettext
import re

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from portal.launch.steps import compile_translations
from portal.web import catalogue


@pytest.fixture(scope="module")
def texts():
    return catalogue.collect()


def test_texts_of_templates_code_and_declarations_are_found(texts):
    found = {message.id for message in texts}
    assert "Skip to content" in found  # a template
    assert "The token is revoked." in found  # code
    assert "Runway" in found  # a declaration
    assert all(code == code.strip() for code in found if isinstance(code, str))


def test_templates_with_quotes_blocks_and_plurals_are_read(tmp_path, monkeypatch):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        """{% load i18n %}<p title="it's">
  {% translate "don't" %} {% translate 'two' context "cardinal" %}
    {% blocktranslate count n=x %}{{ n }} job{% plural %}{{ n }} jobs{% endblocktranslate %}
 {% blocktranslate trimmed %}
   one
   line
 {% endblocktranslate %}"""
    )
    monkeypatch.setattr(settings, "PROJECT", tmp_path)
    monkeypatch.setattr(catalogue, "declared_texts", lambda: iter(()))
    found = {(message.context, message.id) for message in catalogue.collect() if message.id}
    assert found >= {
        (None, "don't"),
        ("cardinal", "two"),
        (None, ("%(n)s job", "%(n)s jobs")),
        (None, "one line"),
    }


def wanted():
    made = Catalog()
    made.add("Save %(name)s")
    made.add(("%(n)s job", "%(n)s jobs"))
    made.add("{count} of {total}")
    return made


def given(**more):
    made = Catalog(locale="zh_Hans")
    made.add("Save %(name)s", "保存 %(name)s")
    made.add(("%(n)s job", "%(n)s jobs"), ("%(n)s 个作业",))
    made.add("{count} of {total}", more.get("total", "{total} 之 {count}"), flags=more.get("flags", ()))
    return made


def test_a_good_catalogue_has_no_faults():
    assert list(catalogue.faults(given(), wanted())) == []


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"total": ""}, "not translated"),
        ({"total": "{count}"}, r"the text has \['{count}', '{total}'\], its translation \['{count}'\]"),
        ({"flags": ("fuzzy",)}, "fuzzy"),
    ],
)
def test_each_fault_is_named(more, fault):
    found = list(catalogue.faults(given(**more), wanted()))
    assert len(found) == 1
    assert re.search(fault, found[0])


def test_missing_and_left_over_texts_are_faults():
    more, less = wanted(), wanted()
    more.add("New")
    del less["Save %(name)s"]
    assert "not in the catalogue" in next(catalogue.faults(given(), more))
    assert "no longer in the code" in next(catalogue.faults(given(), less))


def translate(path):
    """Do what a translator does, for one text."""
    head = 'msgid "Save %(name)s"\nmsgstr '
    path.write_text(path.read_text().replace(f'{head}""', f'{head}"保存 %(name)s"'))


def test_an_update_keeps_translations_and_writes_the_same_file_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "LOCALE_PATHS", [tmp_path])
    first = catalogue.update("zh-hans", wanted())
    assert not first.get("Save %(name)s").string
    path = catalogue.path_of("zh-hans")
    translate(path)
    catalogue.update("zh-hans", wanted())
    once = path.read_bytes()
    catalogue.update("zh-hans", wanted())
    assert path.read_bytes() == once
    assert catalogue.load("zh-hans").get("Save %(name)s").string == "保存 %(name)s"


def test_a_catalogue_is_compiled_when_it_is_newer(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "LOCALE_PATHS", [tmp_path])
    catalogue.update("zh-hans", wanted())
    path = catalogue.path_of("zh-hans")
    translate(path)
    compile_translations(tmp_path)
    with path.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Save %(name)s") == "保存 %(name)s"
    made = path.with_suffix(".mo").stat().st_mtime_ns
    compile_translations(tmp_path)
    assert path.with_suffix(".mo").stat().st_mtime_ns == made
