"""A Django form for each declaration, and the rows that templates draw.

Every field validates through ``mlcore.reading.read_value``, so a form accepts and refuses what API, command line
and address do, in the same words. ``InputsForm.groups()`` gives what ``templates/tools/inputs.html`` shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.choices import CallableChoiceIterator
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, gettext_noop

from mlcore.reading import Invalid, Problem, read_value, series_problems, to_json
from mlcore.spec import NUMERIC, Kind, Param, params, series_along
from portal.derive.fields import Group, Source, View, names_of_rows, view
from portal.derive.query import query_to_given, texts
from portal.derive.wording import problem_text, spread_words
from portal.planning.calculator import row_names

_ABSENT = object()


class Refused(ValidationError):
    """A value that its declaration does not permit; ``problems`` are by path below the field."""

    def __init__(self, problems: Mapping[str, list[Problem]]) -> None:
        super().__init__([problem_text(problem) for found in problems.values() for problem in found], code="invalid")
        self.problems = problems


class DeclaredField(forms.Field):
    """One declared input. ``clean`` takes what ``read_value`` takes, or nothing for the starting value."""

    def __init__(self, param: Param, start: Any) -> None:
        super().__init__(required=False, label=param.label, help_text=param.help, initial=start, widget=_widget(param))
        self.param, self.start = param, start

    def clean(self, value: Any = _ABSENT) -> Any:
        if value is _ABSENT:
            return self.start
        try:
            return read_value(self.param, value)
        except Invalid as problem:
            raise Refused(problem.problems) from problem


@dataclass(frozen=True, slots=True)
class Told:
    """A problem, the label of its field, and the id of its box; both empty when it is about the whole."""

    id: str
    label: str
    text: str


class InputsForm(forms.Form):
    """A form over ``declaration``; made by ``form_class``.

    ``inputs`` is the instance it starts from; after ``is_valid()`` the attribute of that name is the one submitted.
    ``sources`` say where its values come from instead of the declared ones. ``problems`` are texts by path
    (``one_offs.0.amount``). ``uploads`` holds the files of media fields, checked for size and type: whoever stores
    them puts the id of the upload in their place.
    """

    declaration: ClassVar[type]

    def __init__(
        self,
        data: QueryDict | Mapping[str, str] | None = None,
        files: MultiValueDict[str, UploadedFile] | None = None,
        *,
        inputs: Any = None,
        sources: Mapping[str, Source | None] | None = None,
        prefix_id: str = "f",
    ) -> None:
        super().__init__(data, files)
        self.inputs = inputs if inputs is not None else self.declaration()
        self.problems: dict[str, list[str]] = {}
        self.uploads: dict[str, UploadedFile] = {}
        self.sources = sources or {}
        self.prefix_id = prefix_id
        self.given = to_json(self.inputs) if data is None else query_to_given(self.declaration, data)

    def groups(self) -> list[Group]:
        """Fields under their headings, in the order of the declaration."""
        flat = texts(self.declaration, self.given)
        rows = names_of_rows(self.declaration, flat) if any(series_along(self.declaration)) else None
        found: dict[str, list[View]] = {}
        for name, param, start in params(self.declaration):
            row = view(
                name, param, flat, self.problems, id_prefix=self.prefix_id, shown=self._shown(param, flat),
                source=self._source(name, param), start=start, rows=rows,
            )  # fmt: skip
            found.setdefault(param.group, []).append(row)
        return [Group(title, views) for title, views in found.items()]

    def told(self) -> list[Told]:
        """Every problem with the field it is about, for a summary above."""
        return [
            Told(self._id(path) if path else "", path_label(self.declaration, path), " ".join(messages))
            for path, messages in self.problems.items()
        ]

    def beside(self) -> dict[str, dict[str, str]]:
        """What a script writes beside fields that the reader is still in: problems and shapes of ranges, by id."""
        if self.problems:
            told: dict[str, str] = {}
            for path, messages in self.problems.items():
                if path:  # the numbers of a series are told of together
                    told[self._id(path)] = " ".join([*filter(None, [told.get(self._id(path))]), *messages])
            return {"problems": told, "chips": {}}
        chips = {
            self._id(name): spread_words(getattr(self.inputs, name))
            for name, param, _start in params(self.declaration)
            if param.kind in NUMERIC and not param.fixed
        }
        return {"problems": {}, "chips": chips}

    def add_problems(self, problem: Invalid) -> None:
        """Show what was found wrong after the fields were read, such as inputs that do not go together."""
        self._refuse(problem.problems)

    def _clean_fields(self) -> None:
        flat = texts(self.declaration, self.given)
        values = {}
        for name, field in self.fields.items():
            assert isinstance(field, DeclaredField)
            # What is not shown cannot be corrected, so it is not read either.
            shown = self._shown(field.param, flat)
            try:
                values[name] = field.clean(self.given.get(name, _ABSENT) if shown else _ABSENT)
                if field.param.kind is Kind.MEDIA and isinstance(file := self.files.get(name), UploadedFile):
                    self.uploads[name] = _checked(field.param, file)
            except Refused as refused:
                self._refuse(
                    {f"{name}.{path.lstrip('.')}".rstrip("."): found for path, found in refused.problems.items()}
                )
        if not self.problems:
            inputs = self.declaration(**values)
            self._refuse(series_problems(inputs))
        if not self.problems:
            self.inputs = inputs
            self.cleaned_data = values

    def _id(self, path: str) -> str:
        return f"{self.prefix_id}_{_box_path(self.declaration, path).replace('.', '_')}"

    def _source(self, name: str, param: Param) -> Source | None:
        declared = Source(gettext(param.source)) if param.source else None
        return self.sources.get(name, declared)

    def _shown(self, param: Param, flat: Mapping[str, str]) -> bool:
        return param.when is None or flat.get(param.when[0], "") in param.when[1]

    def _refuse(self, problems: Mapping[str, list[Problem]]) -> None:
        for path, found in problems.items():
            messages = [problem_text(problem) for problem in found]
            self.problems.setdefault(path, []).extend(messages)
            name = path.partition(".")[0]
            self.add_error(name if name in self.fields else None, messages)


def path_label(inputs: type, path: str, given: Any = None) -> str:
    """What the field at ``path`` is called: "One-off items 1: Amount", or, where ``given`` is an instance of ``inputs``
    whose row has a name, "Deposit: Amount"."""
    name, *rest = path.split(".")
    param = next((param for field, param, _start in params(inputs) if field == name), None)
    if param is None:
        return ""
    label = gettext(param.label)
    if not rest or param.row is None or not rest[0].isdigit():
        return label
    row = {"table": label, "row": int(rest[0]) + 1}
    if inner := path_label(param.row, ".".join(rest[1:])):
        names = [] if given is None else row_names(getattr(given, name))
        named = names[int(rest[0])] if names else ""
        if names.count(named) == 1 and not named.isdigit():
            return gettext("{row}: {field}").format(row=named, field=inner)
        return gettext("{table} {row}: {field}").format(**row, field=inner)
    return gettext("{table} {row}").format(**row)


def _box_path(inputs: type, path: str) -> str:
    """The path of the box that holds what is at ``path``: the numbers of a series have one together."""
    name, *rest = path.split(".")
    param = next((param for field, param, _start in params(inputs) if field == name), None)
    if param is None or not rest or param.kind not in (Kind.SERIES, Kind.ROWS):
        return path
    if param.kind is Kind.SERIES or param.row is None:
        return name
    index, *inner = rest
    return f"{name}.{index}.{_box_path(param.row, '.'.join(inner))}" if inner else path


@cache
def form_class(inputs: type) -> type[InputsForm]:
    """The form of a declaration."""
    fields = {name: DeclaredField(param, start) for name, param, start in params(inputs)}
    return type(f"{inputs.__qualname__}Form", (InputsForm,), {**fields, "declaration": inputs})


def _join(name: str, path: str) -> str:
    return f"{name}.{path.lstrip('.')}".rstrip(".")


def _widget(param: Param) -> forms.Widget:
    match param.kind:
        case Kind.CHOICE:
            return forms.Select(choices=CallableChoiceIterator(lambda: param.choices))
        case Kind.FLAG:
            return forms.CheckboxInput()
        case Kind.DAY:
            return forms.DateInput(attrs={"type": "date"})
        case Kind.SERIES | Kind.ROWS:
            return forms.Textarea()
        case Kind.MEDIA:
            return forms.FileInput(attrs={"accept": ",".join(param.accept)})
    return forms.TextInput(attrs={"inputmode": "text"} if param.kind in NUMERIC else {})


def _checked(param: Param, file: UploadedFile) -> UploadedFile:
    """The file, if its size and stated type are permitted."""
    if file.size is None or file.size > param.max_bytes:
        raise Refused({"": [Problem(_TOO_LARGE, {"most": f"{param.max_bytes:,}", "given": f"{file.size or 0:,}"})]})
    if file.content_type not in param.accept:
        given = (file.content_type or "")[:60]
        raise Refused({"": [Problem(_WRONG_TYPE, {"types": ", ".join(param.accept), "given": given})]})
    return file


_TOO_LARGE = gettext_noop("Wanted a file of at most {most} bytes, got {given}.")
_WRONG_TYPE = gettext_noop("Wanted a file of type {types}, got {given}.")
