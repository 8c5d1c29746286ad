"""The scorecard's pages: all families, and one with every measurement that it rests on."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from portal.charts import Chart, Cluster, Point, against
from portal.derive.listing import Column, listed
from portal.derive.wording import unit_name, writer
from portal.scorecard.layouts import layout_lines, layouts_summary
from portal.scorecard.selectors import Card, Group, Row, all_cards, card

QUARTER = 0.25
COLOURS = 5  # groups with a colour of their own; the rest are drawn together
SHOWN = 8  # groups of a table; the rest open on demand
YES, NO = "yes", "no"
BAR = 60  # pixels of an error of 100% or more


@require_GET
def scorecard(request: HttpRequest) -> HttpResponse:
    cards = all_cards()
    scored = [each for each in cards if each.score]
    rows = [row for each in scored for row in each.rows]
    fits = layouts_summary()
    bars = [*(each.met for each in scored if each.met is not None), fits["met"]]
    context = {
        "cards": cards,
        "cases": len(rows),
        "families": len(scored),
        "models": len({row.case.model for row in rows}),
        "bars": len(bars),
        "met": sum(bars),
        "layouts": fits,
        "coverage": sum(row.is_within for row in rows) / len(rows) if rows else None,
    }
    return render(request, "scorecard/list.html", context)


@require_GET
def layouts(request: HttpRequest) -> HttpResponse:
    """Layouts that ran and layouts that cannot; for htmx only the rows as they are searched and sorted."""
    columns = [
        Column("model", _("Model")),
        Column("accelerator", _("Device")),
        Column("devices", _("Devices"), "", numeric=True),
        Column("layout", _("Layout")),
        Column("needed", _("Memory needed"), "GiB", numeric=True),
        Column("capacity", _("Memory there"), "GiB", numeric=True),
        Column("happened", _("What happened")),
        Column("said", _("What we say")),
        Column("verdict", _("Verdict")),
        Column("source", _("Source")),
    ]
    lines = layout_lines()
    filters = ("accelerator", "happened", "verdict")
    context = {"listing": listed(lines, columns, request.GET.dict(), filters=filters), "layouts": layouts_summary()}
    template = "layout_rows" if request.headers.get("HX-Request") else "layouts"
    return render(request, f"scorecard/{template}.html", context)


@require_GET
def family(request: HttpRequest, slug: str) -> HttpResponse:
    """One family; for htmx only its rows as they are searched and sorted."""
    found = _card(slug)
    lines = [_line(row) for row in found.rows]
    names = {row.case.key: row for row in found.rows}
    listing = listed(lines, _columns(found), request.GET.dict(), filters=("hardware", "fitted"), searched=_searched)
    shown = [(line, names[line["key"]]) for line in listing.page]
    context: dict[str, Any] = {"card": found, "family": found.family, "listing": listing, "shown": shown}
    if request.headers.get("HX-Request"):
        return render(request, "scorecard/rows.html", context)
    if found.score:
        context |= {"chart": _chart(found), "groups": _groups(found), "coefficients": _coefficients(found)}
    return render(request, "scorecard/family.html", context)


def _card(slug: str) -> Card:
    try:
        return card(slug)
    except LookupError:
        raise Http404 from None


def _columns(found: Card) -> list[Column]:
    unit = found.family.unit
    return [
        Column("label", _("Measurement")),
        Column("hardware", _("Hardware")),
        Column("parameters", _("Parameters"), "", numeric=True),
        Column("measured", _("Measured"), unit, numeric=True),
        Column("predicted", _("Predicted"), unit, numeric=True),
        Column("error", _("Error"), "%", numeric=True),
        Column("fitted", _("In fits")),
        Column("as_of", _("Date")),
    ]


def _line(row: Row) -> dict[str, Any]:
    case = row.case
    return {
        "key": case.key,
        "label": case.label,
        "model": case.model,
        "hardware": case.hardware,
        "parameters": case.parameters if case.parameters > 0 else None,
        "measured": case.measured,
        "predicted": row.prediction.predicted,
        "error": abs(row.error),  # sorted by how far off, to either side
        "fitted": YES if case.fitted else NO,
        "as_of": case.as_of,
        "source": case.source,
    }


def _searched(line: Any) -> str:
    return " ".join(str(line[name]) for name in ("label", "model", "hardware", "source", "as_of"))


def _chart(found: Card) -> Chart:
    write, unit = writer(), found.family.unit
    groups = found.by(lambda row: row.case.hardware)
    # As many as have a colour, and one more where that is all there are.
    coloured = [group.name for group in groups[: COLOURS if len(groups) <= COLOURS else COLOURS - 1]]
    names = [*coloured, *([_("Other hardware")] if len(groups) > len(coloured) else [])]
    clusters = [
        Cluster(
            name,
            [
                Point(row.case.label, row.case.measured, row.prediction.predicted)
                for row in found.rows
                if (row.case.hardware if row.case.hardware in coloured else _("Other hardware")) == name
            ],
        )
        for name in names
    ]
    return against(
        clusters, axes=(_("Measured"), _("Predicted")), unit=unit, unit_name=unit_name(unit), along=_("Measurement"),
        title=_("Predicted against measured"), share=QUARTER, write=write,
    )  # fmt: skip


def _groups(found: Card) -> list[dict[str, Any]]:
    """Tables of errors by what rows have in common; one with a single group would repeat the sum."""
    tables: list[tuple[str, tuple[Group, ...]]] = [
        (_("By hardware"), found.by(lambda row: row.case.hardware)),
        (_("By size of the model"), found.by(lambda row: row.size)),
        (_("By model"), found.by(lambda row: row.case.model)),
    ]
    shown = []
    for title, groups in tables:
        lines = [_group_line(group) for group in groups]
        if len(lines) > 1:
            shown.append({"title": title, "first": lines[:SHOWN], "rest": lines[SHOWN:]})
    return shown


def _group_line(group: Group) -> dict[str, Any]:
    """A bar that ends at the figure beside it."""
    length = round(BAR * min(group.errors.median, 1.0))
    return {"name": group.name, "errors": group.errors, "bar": length, "start": BAR - length}


def _coefficients(found: Card) -> list[tuple[str, float, str]]:
    if found.fit is None:
        return []
    meanings = found.family.meanings
    return [(name, value, meanings.get(name, "")) for name, value in found.fit.values.items()]
