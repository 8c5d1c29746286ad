"""Prices from CSV files: our columns and SkyPilot's, a dry run, reasons, and no change the second time."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mlcore.reading import Invalid
from portal.catalogue import live
from portal.catalogue.described import EDITABLE, TABLES, CatalogueTable
from portal.catalogue.importing import DEVICES, PCIE, rows_import, rows_read
from portal.catalogue.models import Edit
from portal.planning.catalog.accelerators import ACCELERATORS

pytestmark = pytest.mark.django_db

# The header as the catalogue's README gives it; the prices are made up.
SKYPILOT = """\
InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice
p5.48xlarge,192,2048,H100,8,,us-east-1,us-east-1a,32.0,16.0
p5.48xlarge,192,2048,H100,8,,eu-west-1,eu-west-1a,40.0,12.0
gpu_1x_h100_pcie,26,200,H100,1,,us-west-1,,2.5,
m5.large,2,8,,,,us-east-1,us-east-1a,0.1,0.03
tpu-vm,,,tpu-v5e-8,1,,us-east1,us-east1-b,9.6,4.0
odd,8,32,L4,0,,us-east-1,,0.8,
odd,8,32,L4,1,,us-east-1,,free,
"""


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("import_catalogue", *args, stdout=out)
    return out.getvalue()


def test_instances_are_priced_by_the_device_in_their_cheapest_region() -> None:
    report = rows_read("prices", SKYPILOT, seller="Testcloud", month="2026-10")
    found = {(row["accelerator"], row["kind"]): (row["usd_per_hour"], row["note"]) for row in report.accepted}
    assert found == {
        ("h100-sxm", "on_demand"): ("4", "p5.48xlarge; us-east-1"),
        ("h100-sxm", "spot"): ("1.5", "p5.48xlarge; eu-west-1"),
        ("h100-pcie", "on_demand"): ("2.5", "gpu_1x_h100_pcie; us-west-1"),
    }
    assert report.dearer == 2
    assert {(refused.line, str(refused.problem)) for refused in report.refused} == {
        (5, "There is no accelerator on this line."),
        (6, "tpu-v5e-8 is not among the devices of the catalogue."),
        (7, "Wanted AcceleratorCount as a number above 0, got 0."),
        (8, "Wanted Price as a number above 0, got free."),
    }


def test_every_device_that_is_known_by_a_name_is_in_the_catalogue() -> None:
    assert set(DEVICES.values()) | set(PCIE.values()) <= set(ACCELERATORS)


def test_the_command_runs_dry_writes_and_changes_nothing_the_second_time(tmp_path: Path) -> None:
    file = tmp_path / "lambda.csv"
    file.write_text(SKYPILOT)
    said = (str(file), "--seller", "Testcloud", "--month", "2026-10")
    dry = run(*said, "--dry-run")
    assert "3 rows would be written (dry run), 0 unchanged, 2 prices of dearer regions left out, 4 lines refused" in dry
    assert "line 5: There is no accelerator on this line." in dry
    assert not Edit.objects.exists()
    assert "3 rows written" in run(*said)
    live.load()
    assert "0 rows written, 3 unchanged" in run(*said)
    assert Edit.objects.count() == 3


@pytest.mark.parametrize("table", [table for table in TABLES if table.editable], ids=lambda table: table.slug)
def test_what_was_exported_is_unchanged_when_it_is_imported(client: Client, table: CatalogueTable) -> None:
    exported = client.get(f"/catalogue/{table.slug}.csv").content
    report = rows_read(table.name, exported)
    assert (report.accepted, report.refused) == ([], [])
    assert report.unchanged == report.lines == len(EDITABLE[table.name])


def test_lines_of_our_own_columns_are_sorted_out(price: Callable[..., dict[str, str]]) -> None:
    heading = ",".join(name for name in price() if name != "note")
    lines = [list(price(**changes).values())[:-1] for changes in ({}, {"usd_per_hour": "1"}, {"kind": "rent"})]
    text = "\n".join([heading, *(",".join(line) for line in lines), ",".join([*lines[0], "more"])])
    report = rows_import(table="prices", given=text, name="own.csv", by=None, dry=True)
    assert report.accepted == [price()]
    assert {(refused.line, str(refused.problem)[:60]) for refused in report.refused} == {
        (3, "Line 2 has a row of the same key."),
        (4, "This row is refused: kind is 'rent', wanted one of ('on_dema"),
        (5, "Wanted 6 cells, got 7."),
    }
    assert not report.written


@pytest.mark.parametrize(
    ("given", "said", "words"),
    [
        (SKYPILOT, {}, "name the seller"),
        (SKYPILOT, {"seller": "x"}, "Wanted the month of these prices, such as 2026-06; got –"),
        (SKYPILOT, {"seller": "x", "month": "2026-13"}, "got 2026-13"),
        ("a,b\n1,2\n", {}, "Wanted the columns accelerator, seller, kind.*; got a, b"),
        ("seller,seller\n1,2\n", {}, "columns of different names"),
        ("", {}, "Wanted a table, got nothing"),
        (b"\x00\x01\x02", {}, "binary file|control character"),
        ("accelerator," * 200_000, {}, "at most 1,000,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(given: bytes | str, said: dict[str, str], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        rows_read("prices", given, **said)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv cannot be read: No such file"):
        run(str(tmp_path / "none.csv"))
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="or SkyPilot's AcceleratorName, AcceleratorCount, Price; got a, b"):
        run(str(tmp_path / "odd.csv"))


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_whatever_comes_is_reported_or_refused(given: bytes | str) -> None:
    try:
        rows_read("prices", given, seller="x", month="2026-10")
    except Invalid:
        return


@given(st.lists(st.text(max_size=12), min_size=1, max_size=10))
def test_whatever_stands_in_a_line_is_reported(cells: list[str]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""').replace("\x00", "") + '"' for cell in cells)
    try:
        report = rows_read("prices", SKYPILOT + quoted, seller="x", month="2026-10")
    except Invalid:
        return
    assert len(report.accepted) >= 3
