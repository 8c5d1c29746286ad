"""What the cost of a team depends on, with dated figures for what employers pay on top of salaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mlcore.spec import Range, choice, day, integer, number, rows, text

ASSUMED = "Assumption: put in your own."
BLS_COSTS = (
    "US Bureau of Labor Statistics, Employer Costs for Employee Compensation, June 2025, private industry, an hour: "
    "insurance $3.44, retirement $1.54 and legally required $3.31, of wages $32.07 and paid leave $3.44"
)
EUROSTAT = "Eurostat, hourly labour costs in 2024: 24.7% of labour costs in the EU are not wages; 24.7 ÷ 75.3"
HMRC = (
    "National Insurance 2025/26, 15% above £5,000, and the least pension contribution, 3% of £6,240 to £50,270; both "
    "for a salary of £70,000"
)
BEIJING = (
    "Beijing, 2022: pension 16%, medical 9.8%, unemployment 0.5%, injury from 0.2%, housing fund 5% to 12%, of the "
    "salary up to the local ceiling"
)
INDIA = (
    "India, 2025: provident fund 12%, insurance 0.5%, administration 0.5%, gratuity 4.81% of basic pay; half of the "
    "salary is taken to be basic pay"
)

LONGEST = 60  # months
MOST_ROLES = 20  # each costs a table of months and draws
MOST_PAY = 1e8  # dollars

RESEARCH, ENGINEERING, PRODUCT, SALES, OPERATIONS = "research", "engineering", "product", "sales", "operations"
KINDS = {
    RESEARCH: "Research",
    ENGINEERING: "Engineering",
    PRODUCT: "Product",
    SALES: "Sales",
    OPERATIONS: "Operations",
}
US, EU, UK, CHINA, IN, OTHER = "us", "eu", "uk", "china", "india", "other"
REGIONS = {
    US: "United States",
    EU: "European Union",
    UK: "United Kingdom",
    CHINA: "China",
    IN: "India",
    OTHER: "Elsewhere",
}
EMPLOYEE, CONTRACTOR = "employee", "contractor"
TERMS = {EMPLOYEE: "Employee", CONTRACTOR: "Contractor"}


def _between(low: float, high: float) -> Any:
    """A range as the value of a number of a row."""
    return Range.of(low, high)


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRole:
    name: str = text("Role", default="", max_length=60, help="What these people are called.")
    kind: str = choice("Kind of work", default=ENGINEERING, choices=KINDS, help="Under which the headcount is drawn.")
    count: int = integer("People", default=1, low=0, high=10_000, help="How many, once all have joined.")
    terms: str = choice(
        "Terms", default=EMPLOYEE, choices=TERMS,
        help="An employee has a salary; a contractor costs the monthly rate and nothing on top.")
    salary: float = number(
        "Salary", default=130_000, low=0, high=MOST_PAY, unit="USD/year",
        help="Gross pay of one employee, without what the employer pays on top. Contractors: not used.")
    rate: float = number(
        "Contractor's rate", default=9_000, low=0, high=MOST_PAY, unit="USD/month",
        help="What one contractor invoices a month. Employees: not used.")
    region: str = choice(
        "Region", default=US, choices=REGIONS, help="It decides what the employer pays on top of the salary.")
    start: int = integer(
        "Search starts in month", default=0, low=0, high=600,
        help="Counted from 1; 0 when these people are here already. May be a range.")
    fill: float = number(
        "Months to hire", default=2, low=0, high=36, unit="months",
        help="From the start of the search to the first day at work; also how long the place of a leaver stays empty.")
    research: float = number(
        "R&D share", default=1, low=0, high=1, unit="%",
        help="The share of their time that is research and development, as grants and tax credits count it.")


STARTING = (
    TeamRole(name="Founders", kind=OPERATIONS, count=2, salary=_between(90_000, 140_000), research=0.5),
    TeamRole(name="ML researchers", kind=RESEARCH, count=2, salary=_between(150_000, 260_000), start=2,
             fill=_between(2, 5)),
    TeamRole(name="Software engineers", count=3, salary=_between(110_000, 190_000), fill=_between(1.5, 4)),
    TeamRole(name="More engineers", count=2, salary=_between(110_000, 190_000), start=_between(6, 10),
             fill=_between(1.5, 4), research=0.8),
    TeamRole(name="Product designer", kind=PRODUCT, salary=_between(90_000, 150_000), start=3, fill=_between(1.5, 3),
             research=0.5),
    TeamRole(name="Account executives", kind=SALES, count=2, salary=_between(80_000, 150_000), start=_between(8, 14),
             fill=_between(1, 3), research=0),
    TeamRole(name="Data labelling", kind=RESEARCH, count=2, terms=CONTRACTOR, rate=_between(3_000, 6_000), start=1,
             fill=0.5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    roles: tuple[TeamRole, ...] = rows(
        TeamRole, "Roles", default=STARTING, max_items=MOST_ROLES, group="Team", source=ASSUMED,
        help="One row for each group of people who join together. A number that you are not sure of is a range.")
    first_month: date = day(
        "First month", default=date(2027, 1, 1), group="Plan",
        help="The month in which the plan starts; any day of it.")
    horizon: int = integer(
        "Horizon", default=36, low=6, high=LONGEST, fixed=True, unit="months", group="Plan",
        help="How far ahead to calculate.")
    raises: float = number(
        "Raises", likely=(0.02, 0.05), low=-0.5, high=1, unit="%", group="Plan", source=ASSUMED,
        help="By which salaries rise a year, every twelfth month; those of later hires too, as the market rises. "
        "Contractors' rates stay.")
    attrition: float = number(
        "Attrition", likely=(0.06, 0.18), low=0, high=0.9, unit="%", group="Plan", source=ASSUMED,
        help="The share of the employees that leaves in a year. Each is replaced after the months to hire.")
    recruiting: float = number(
        "Recruiting fee", likely=(0.05, 0.2), low=0, high=1, unit="%", group="Hiring and places", source=ASSUMED,
        help="Of the yearly salary, for each employee who joins, the replacements too: the average over hires with and "
        "without an agency.")
    equipment: float = number(
        "Equipment of a place", default=3_500, low=0, high=1e7, unit="USD", group="Hiring and places", source=ASSUMED,
        help="Computer, screen and desk of a new employee. A replacement takes over what is there.")
    office: float = number(
        "Office and tools", likely=(300, 900), low=0, high=1e6, unit="USD/month", group="Hiring and places",
        source=ASSUMED, help="Rent, software and travel for each employee a month.")
    load_us: float = number(
        "On top in the United States", default=0.233, low=0, high=2, unit="%", group="On top of salaries",
        source=BLS_COSTS,
        help="Employer taxes, insurance and retirement, of the salary. On high salaries it is less: social security "
        "ends at a ceiling.")
    load_eu: float = number(
        "On top in the European Union", default=0.328, low=0, high=2, unit="%", group="On top of salaries",
        source=EUROSTAT,
        help="Employer contributions, of the salary. Countries differ: from 5% in Romania to 47% in France.")
    load_uk: float = number(
        "On top in the United Kingdom", default=0.158, low=0, high=2, unit="%", group="On top of salaries",
        source=HMRC, help="Employer contributions, of the salary.")
    load_china: float = number(
        "On top in China", likely=(0.315, 0.385), low=0, high=2, unit="%", group="On top of salaries",
        source=BEIJING, help="Employer contributions, of the salary. Above the local ceiling they do not grow.")
    load_india: float = number(
        "On top in India", default=0.089, low=0, high=2, unit="%", group="On top of salaries", source=INDIA,
        help="Employer contributions, of the salary.")
    load_other: float = number(
        "On top elsewhere", likely=(0.1, 0.3), low=0, high=2, unit="%", group="On top of salaries", source=ASSUMED,
        help="Employer contributions, of the salary.")
# fmt: on
