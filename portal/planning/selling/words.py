"""What the exit calculator says: the answer, warnings, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlcore.spec import params
from portal.planning.calculator import Sentence
from portal.planning.equity import reasons
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import ExitElection
from portal.planning.equity.waterfall import CARVE_OUT, COSTS, Common
from portal.planning.raising.instruments import EARLIEST, LATEST, days_of
from portal.planning.selling.calculation import at_price, bends_of, exactly, waterfall_of
from portal.planning.selling.inputs import CAPPED, COMMON, NONE, OPTIONS, PREFERRED, ExitClass
from portal.planning.selling.instruments import names
from portal.planning.selling.terms import TERMS_SAID

# Refused

NO_COMMON = "Wanted at least one class of common shares: somebody has to get what is left. Add a row of common shares."
NAMED_LIKE_A_COST = "Wanted another name than {name}, which the calculation uses itself. Rename this row."
ONLY_PREFERRED = (
    "{name} is not preferred, and only preferred shares have this term. Set it back to {start}, or choose preferred."
)
NO_PARTICIPATION = "{name} is not preferred, and only preferred shares participate. Choose none, or choose preferred."
ONLY_OPTIONS = "{name} has no strike price: only options and warrants have one. Set it to 0, or choose options."
CAP_NOT_USED = "{name} has a cap but no participation up to a cap. Set the cap to 0, or choose that participation."
CAP_MISSING = "Wanted a cap above 0 for {name}, which participates up to one: 3 means three times what was invested."
OWN_TOO_MANY = "Wanted at most the {shares} common shares that there are, got {given}."
TOO_FAR = (
    "By these terms something still changes for {name} at a price of {price}, more than is calculated with. Check its "
    "shares, what was invested and its strike price."
)
RANK_AND_PAIRS = "{name} has rank {rank} beside an order pair by pair. Set its rank to 1, or remove the pairs."
NO_MULTIPLE = "{name} gets no multiple in the sale, so its multiple has to be 0. Choose the multiple, or set it to 0."
CAP_IDLE = "{name} does not convert in the sale, so its cap has no use. Set it to 0, or choose that it converts."
WRONG_DAY = "Wanted a day from {earliest} to {latest}, got {given}."
# What the equity engine itself refuses.
TWO_OF_A_NAME = "Two entries have the name {name}."
CAP_TOO_LOW = "The cap of {name} is {cap}, less than its preference of {preference}."

# Said

AT_PRICE = (
    "At a price of {price} you get *{own}*, {share} of it for {ownership} of the shares. The preferences cost you "
    "{cost}."
)
AT_PRICES = (
    "You get *{own}* in the middle, and between {low} and {high} in nine cases of ten, for {ownership} of the shares. "
    "Common gets nothing in {nothing} of the cases."
)
NOTHING = "At a price of {price} you get *nothing*: common shares get something only above {starts}."

COMMON_NOTHING = "At {price} common gets nothing: up to {starts} all goes to those who are paid first."
EITHER_WAY = "At {price} {name} gets the same whether it converts or not. It is taken to keep its preference."
UNDERWATER = "At {price} {name} are not exercised: a share gets no more than their strike price."
NOT_ALL_CONVERT = (
    "At {price} some preferred classes convert and others do not. A charter that lets a vote convert all of them at "
    "once pays otherwise: read it."
)
NEVER_CONVERTS = "{name} participates without a cap: whatever the price, it keeps its preference and does not convert."

SOME_CONVERT = (
    "At {price} some SAFEs take shares and others their amount. The caps here count all of them as converted; YC's "
    "text leaves out who is paid back, which gives the others less: the table of terms says how much."
)

SENTENCES = (
    NO_COMMON, NAMED_LIKE_A_COST, ONLY_PREFERRED, NO_PARTICIPATION, ONLY_OPTIONS, CAP_NOT_USED, CAP_MISSING,
    OWN_TOO_MANY, TOO_FAR, TWO_OF_A_NAME, CAP_TOO_LOW, AT_PRICE, AT_PRICES, NOTHING, COMMON_NOTHING, EITHER_WAY,
    UNDERWATER, NOT_ALL_CONVERT, NEVER_CONVERTS, RANK_AND_PAIRS,
    NO_MULTIPLE, CAP_IDLE, WRONG_DAY, SOME_CONVERT, *TERMS_SAID, *reasons.SENTENCES,
)  # fmt: skip

TABLES = ("classes", "safes", "notes", "debts")
FARTHEST = 10**16  # USD: the equity engine takes numbers up to 10^18, and charts need some room below that
PREFERRED_ONLY = ("invested", "multiple", "cap", "rank", "dividends")
STARTS: dict[str, Any] = {name: start for name, _, start in params(ExitClass)}


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = dict(_of_rows(inputs))
    common = [row for row in inputs.classes if row.kind == COMMON]
    shares = sum(row.shares for row in common)
    if not common:
        found["classes"] = Sentence(NO_COMMON)
    elif inputs.own_shares > shares:
        figures = {"shares": (shares, ""), "given": (inputs.own_shares, "")}
        found["own_shares"] = Sentence(OWN_TOO_MANY, figures)
    return found or _by_engine(inputs)


def _of_rows(inputs: Any) -> Iterator[tuple[str, Sentence]]:
    for table in TABLES:
        for at, name in enumerate(names(getattr(inputs, table))):
            if name in (COSTS, CARVE_OUT):
                yield f"{table}.{at}.name", Sentence(NAMED_LIKE_A_COST, {"name": (name, "")})
    for at, (row, name) in enumerate(zip(inputs.classes, names(inputs.classes), strict=True)):
        for field, sentence in _of_class(row, name):
            yield f"classes.{at}.{field}", sentence
        if inputs.order and row.kind == PREFERRED and row.rank != STARTS["rank"]:
            yield f"classes.{at}.rank", Sentence(RANK_AND_PAIRS, {"name": (name, ""), "rank": (row.rank, "")})
    for at, (row, name) in enumerate(zip(inputs.notes, names(inputs.notes), strict=True)):
        if row.multiple and row.at_sale != ExitElection.MULTIPLE:
            yield f"notes.{at}.multiple", Sentence(NO_MULTIPLE, {"name": (name, "")})
        if row.cap and row.at_sale != ExitElection.CONVERT:
            yield f"notes.{at}.cap", Sentence(CAP_IDLE, {"name": (name, "")})
    for path, day in (("sale_day", inputs.sale_day), *days_of(inputs.notes)):
        if not EARLIEST <= day <= LATEST:
            figures = {"earliest": (EARLIEST, "day"), "latest": (LATEST, "day"), "given": (day, "day")}
            yield path, Sentence(WRONG_DAY, figures)


def _of_class(row: Any, name: str) -> Iterator[tuple[str, Sentence]]:
    named = {"name": (name, "")}
    if row.kind != PREFERRED:
        if row.participation != NONE:
            yield "participation", Sentence(NO_PARTICIPATION, named)
        for field in PREFERRED_ONLY:
            if getattr(row, field) != STARTS[field]:
                yield field, Sentence(ONLY_PREFERRED, {**named, "start": (STARTS[field], "")})
    elif row.participation == CAPPED and not row.cap:
        yield "cap", Sentence(CAP_MISSING, named)
    elif row.participation != CAPPED and row.cap:
        yield "cap", Sentence(CAP_NOT_USED, named)
    if row.kind != OPTIONS and row.strike:
        yield "strike", Sentence(ONLY_OPTIONS, named)


def _by_engine(inputs: Any) -> dict[str, Sentence]:
    try:
        bends = bends_of(waterfall_of(inputs))
    except Refused as refused:
        figures = {place: (str(value), "") for place, value in refused.problem.values.items()}
        return {_path(inputs, refused): Sentence(refused.problem.template, figures)}
    if not bends or bends[-1].exit_value <= FARTHEST:
        return {}
    name, price = bends[-1].causes[-1][1], float(bends[-1].exit_value)
    return {_row(inputs, name): Sentence(TOO_FAR, {"name": (name, ""), "price": (price, "USD")})}


def _path(inputs: Any, refused: Refused) -> str:
    """The input that a refusal of the engine is about."""
    kind, _, rest = refused.where.partition(".")
    if kind == "seniority":
        given = refused.problem.values.get("given")
        found = [f"order.{at}.{field}" for at, pair in enumerate(inputs.order) for field in ("first", "then")
                 if given is not None and getattr(pair, field) == given]  # fmt: skip
        return found[0] if found else "order"
    if refused.problem.template == CAP_TOO_LOW:
        return f"{_row(inputs, str(refused.problem.values['name']))}.cap"
    if refused.problem.template == TWO_OF_A_NAME:
        return f"{_row(inputs, str(refused.problem.values['name']))}.name"
    for table in ("safes", "notes") if kind in ("safes", "notes", "convertibles") else ():
        # Of two with one name the later one is too many.
        for at, name in reversed(list(enumerate(names(getattr(inputs, table))))):
            if rest.startswith(name + "."):
                field = {"partial_period": "partial"}.get(rest[len(name) + 1 :], rest[len(name) + 1 :])
                return f"{table}.{at}.{field}"
    return kind if kind in TABLES else "safes"


def _row(inputs: Any, name: str) -> str:
    """The path of the row that the engine knows by its name: of two, the last."""
    rows = [(f"{table}.{at}", row) for table in TABLES
            for at, row in enumerate(names(getattr(inputs, table)))]  # fmt: skip
    return next(path for path, row in reversed(rows) if row == name)


def answer(outcome: Any) -> Sentence:
    own, share, cost = (outcome.quantile(name, 0.5) for name in ("own_proceeds", "own_share", "preference_cost"))
    price = outcome.case.resolved.exit_value
    ownership = (outcome.quantile("own_ownership", 0.5), "%")
    if outcome.uncertain:
        low, high = outcome.quantiles("own_proceeds", (0.05, 0.95))
        figures = {"low": (low, "USD"), "high": (high, "USD"), "nothing": (outcome.share("nothing_for_common"), "%")}
        return Sentence(AT_PRICES, {"own": (own, "USD"), "ownership": ownership, **figures})
    if own <= 0:
        return Sentence(
            NOTHING, {"price": (price, "USD"), "starts": (outcome.quantile("common_starts_at", 0.5), "USD")}
        )
    figures = {"price": (price, "USD"), "share": (share, "%"), "cost": (cost, "USD")}
    return Sentence(AT_PRICE, {"own": (own, "USD"), "ownership": ownership, **figures})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    waterfall = waterfall_of(x)
    outcome = at_price(waterfall, exactly(x.exit_value))
    price = {"price": (x.exit_value, "USD")}
    found = []
    if outputs["nothing_for_common"]:
        found.append(Sentence(COMMON_NOTHING, {**price, "starts": (outputs["common_starts_at"], "USD")}))
    found += [Sentence(EITHER_WAY, {**price, "name": (name, "")}) for name in sorted(outcome.indifferent)]
    for each in waterfall.classes:
        if isinstance(each, Common) and each.strike and outcome.per_share <= each.strike:
            found.append(Sentence(UNDERWATER, {**price, "name": (each.name, "")}))
    for each in waterfall.preferred:
        if each.limit is None:
            found.append(Sentence(NEVER_CONVERTS, {"name": (each.name, "")}))
    took = set(names(x.safes)) & outcome.converted
    if took and any(row.cap and name not in took for row, name in zip(x.safes, names(x.safes), strict=True)):
        found.append(Sentence(SOME_CONVERT, price))
    classes = {each.name for each in waterfall.preferred} - set(names(x.safes))
    if outcome.converted & classes and classes - outcome.converted:
        found.append(Sentence(NOT_ALL_CONVERT, price))
    return found
