"""Edits of catalogue tables, and what was changed when by whom.

``services`` writes both. ``Change`` only grows; its newest primary key is the version by which every process knows
that edits have changed.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.planning.catalog.edits import Cells


class Edit(models.Model):
    """A row that holds in place of the packaged one, beside it, or, where it is not in use, takes it out."""

    table = models.CharField(_("table"), max_length=40)
    key = models.CharField(_("key"), max_length=700)
    cells = models.JSONField(_("cells"))
    in_use = models.BooleanField(
        _("in use"), default=True, help_text=_("Without this the row is taken out: nobody sees it or computes with it.")
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("edited row")
        verbose_name_plural = _("edited rows")
        ordering = ["table", "key"]
        constraints = [models.UniqueConstraint(fields=["table", "key"], name="one_edit_per_row")]

    def __str__(self) -> str:
        return self.key

    @property
    def held(self) -> Cells | None:
        """What ``portal.planning.catalog.edits`` takes."""
        return self.cells if self.in_use else None


class AcceleratorEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("accelerator")
        verbose_name_plural = _("accelerators")


class ArchitectureEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("model architecture")
        verbose_name_plural = _("model architectures")


class PriceEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("hourly price")
        verbose_name_plural = _("hourly prices")


class PurchaseEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("purchase price")
        verbose_name_plural = _("purchase prices")


class ApiPriceEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("API price")
        verbose_name_plural = _("API prices")


class RegionEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("carbon of a grid")
        verbose_name_plural = _("carbon of grids")


class ElectricityEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("price of electricity")
        verbose_name_plural = _("prices of electricity")


class SalaryEdit(Edit):
    class Meta:
        proxy = True
        verbose_name = _("salary")
        verbose_name_plural = _("salaries")


class Change(models.Model):
    """``before`` and ``after`` are cells, or null where no row of that key held."""

    table = models.CharField(_("table"), max_length=40)
    key = models.CharField(_("key"), max_length=700)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    how = models.CharField(_("how"), max_length=200, help_text=_("Where it came from: the admin, or an imported file."))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("changed by")
    )
    created_at = models.DateTimeField(_("changed"), auto_now_add=True)

    class Meta:
        verbose_name = _("change of the catalogue")
        verbose_name_plural = _("changes of the catalogue")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["table", "key"], name="change_of_row")]

    def __str__(self) -> str:
        return f"{self.table}: {self.key}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("changes are history: make another one instead of changing one")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError("changes are history and stay")
