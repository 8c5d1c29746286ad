"""What a team costs, role by role and month by month, with hiring, raises and those who leave."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Axis, Bars, Calculator, Example, Fan, Lines, Output, Parts, Preset
from portal.planning.catalog.salaries import SALARIES
from portal.planning.finance import draw_count, quotient, settled
from portal.planning.people.budget import Budget
from portal.planning.people.hiring import YEAR, steady_growth
from portal.planning.people.inputs import BLS_COSTS, EUROSTAT, KINDS, Inputs
from portal.planning.people.words import SENTENCES, answer, notices, refuse, tables

# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    team = Budget(x, draws or 1)
    payroll = team.salaries + team.on_top + team.contractors
    hiring = team.recruiting + team.equipment
    costs = payroll + hiring + team.office
    people = team.people_by_kind.sum(axis=0)
    paid, total, years = payroll.sum(axis=0), costs.sum(axis=0), people.sum(axis=0) / YEAR
    results = {
        "total": total,
        "payroll_first": payroll[0],
        "payroll_growth": steady_growth(payroll[0], paid, x.horizon),
        "payroll_at_end": payroll[-1],
        "burn_at_end": costs[-1],
        "people_first": people[0],
        "people_at_end": people[-1],
        "person_years": years,
        "cost_of_person_year": quotient(total, years),
        "research_cost": team.research,
        "research_share": quotient(team.research, paid),
        "spent_on_salaries": team.salaries.sum(axis=0),
        "spent_on_top": team.on_top.sum(axis=0),
        "spent_on_contractors": team.contractors.sum(axis=0),
        "spent_on_recruiting": team.recruiting.sum(axis=0),
        "spent_on_equipment": team.equipment.sum(axis=0),
        "spent_on_office": team.office.sum(axis=0),
        "payroll_total": paid,
        "hires": team.hires,
        "replacements": team.replacements,
        "leavers": team.leavers,
        "cost_by_role": team.role_cost,
        "person_cost_by_role": team.person_cost,
        "people_at_end_by_role": team.role_people,
        "payroll_at_end_by_role": team.payroll[:, -1],
        "payroll_by_month": payroll,
        "people_by_month": people,
        "hiring_by_month": hiring,
        "costs_by_month": costs,
        "payroll_by_role": team.payroll,
        "people_by_kind": team.people_by_kind,
    }
    return {name: settled(value, draws) for name, value in results.items()}


# Declaration

NOBODY = "nobody works within the horizon"

# fmt: off
OUTPUTS = {
    "total": Output(
        label="Cost of the team", unit="USD", better="lower", headline=True,
        help="All that the team costs through the horizon.",
        formula="{payroll_total} + {spent_on_recruiting} + {spent_on_equipment} + {spent_on_office}"),
    "payroll_first": Output(
        label="Payroll, first month", unit="USD/month", better="lower", headline=True, quantity="monthly_payroll",
        help="Salaries, what the employer pays on top, and contractors, in the first month.",
        method="The first value of {payroll_by_month}."),
    "payroll_growth": Output(
        label="Growth of payroll", unit="%/month", better="lower", quantity="payroll_growth",
        never="next to nobody is paid in the first month",
        help="The even growth a month with which the payroll of the first month becomes the same sum over the horizon. "
        "A runway that takes both, with the same horizon, pays what this team is paid. Ranges are sent one by one, so "
        "that its spread may differ.",
        method="The growth g for which {payroll_first} × (1 + (1 + g) + … + (1 + g)^(months − 1)) over {horizon} is "
        "{payroll_total}."),
    "payroll_at_end": Output(
        label="Payroll, last month", unit="USD/month", better="lower", help="Payroll in the last month of the horizon.",
        method="The last value of {payroll_by_month}."),
    "burn_at_end": Output(
        label="Cost of the last month", unit="USD/month", better="lower", headline=True,
        help="All that the team costs in the last month: payroll, hiring, office and tools.",
        method="The last value of {costs_by_month}."),
    "people_first": Output(
        label="People, first month", unit="people", help="Who is paid in the first month.",
        method="The first value of {people_by_month}."),
    "people_at_end": Output(
        label="People, last month", unit="people", headline=True,
        help="Who is paid in the last month. With attrition some places are empty; it is an expected number.",
        method="The last value of {people_by_month}."),
    "person_years": Output(
        label="Person-years", unit="years", help="Work that is paid through the horizon.",
        method="The sum of {people_by_month}, divided by 12."),
    "cost_of_person_year": Output(
        label="Cost of a person-year", unit="USD", better="lower", never=NOBODY,
        help="All costs of the team, for each person and year.", formula="{total} ÷ {person_years}"),
    "research_cost": Output(
        label="Payroll for R&D", unit="USD",
        help="The part of the payroll that is research and development, as a basis for grants and tax credits. What of "
        "it qualifies is for a tax adviser; contractors often count only in part.",
        method="Payroll of each of {roles} × its R&D share, summed over {horizon}."),
    "research_share": Output(
        label="R&D share of payroll", unit="%", never=NOBODY,
        help="How much of the payroll is research and development.", formula="{research_cost} ÷ {payroll_total}"),
    "spent_on_salaries": Output(
        label="Salaries", unit="USD", help="Gross pay of employees through the horizon.",
        method="People × salary ÷ 12 of each of {roles} in each month, with {raises} every twelfth month, summed."),
    "spent_on_top": Output(
        label="On top of salaries", unit="USD", help="Employer taxes, insurance and retirement through the horizon.",
        method="Salaries × what is paid on top in the region: {load_us}, {load_eu}, {load_uk}, {load_china}, "
        "{load_india} or {load_other}.", source=BLS_COSTS),
    "spent_on_contractors": Output(
        label="Contractors", unit="USD", help="What contractors invoice through the horizon.",
        method="People × rate of the contractors among {roles} in each month, summed."),
    "spent_on_recruiting": Output(
        label="Recruiting", unit="USD", better="lower", help="Fees for employees who joined, replacements too.",
        method="Each employee who joins × salary of that month × {recruiting}, summed."),
    "spent_on_equipment": Output(
        label="Equipment", unit="USD", help="For new places of employees.",
        method="Each employee in a new place × {equipment}, summed."),
    "spent_on_office": Output(
        label="Office and tools", unit="USD", help="For employees, through the horizon.",
        method="Employees of each month × {office}, summed."),
    "payroll_total": Output(
        label="Payroll through the horizon", unit="USD", better="lower",
        help="Salaries, what the employer pays on top, and contractors.",
        formula="{spent_on_salaries} + {spent_on_top} + {spent_on_contractors}"),
    "hires": Output(
        label="New places filled", unit="people", help="Who joins a new place within the horizon, contractors too.",
        method="The people of {roles} who join within {horizon}; those who are here already are not counted."),
    "replacements": Output(
        label="Replacements", unit="people", better="lower", help="Who joins in the place of a leaver.",
        method="Each leaver, once the months to hire have passed, within {horizon}."),
    "leavers": Output(
        label="Leavers", unit="people", better="lower", help="Employees who leave within the horizon.",
        method="The employees of each month × (1 − (1 − {attrition})^(1/12)), summed."),
    "cost_by_role": Output(
        label="Cost of each role", unit="USD", along=("roles",), better="lower",
        help="Payroll, hiring, office and tools through the horizon.",
        method="Payroll, recruiting, equipment, office and tools of each of {roles}, summed over {horizon}."),
    "person_cost_by_role": Output(
        label="A person a year", unit="USD/year", along=("roles",), better="lower",
        help="What one person costs in the first year, without hiring: salary, what is on top, office and tools.",
        method="Salary × (1 + what is on top) + 12 × {office}; of contractors 12 × rate."),
    "people_at_end_by_role": Output(
        label="People at the end", unit="people", along=("roles",), help="Who is paid in the last month.",
        method="Those of each of {roles} who have joined, less leavers whose place is still empty."),
    "payroll_at_end_by_role": Output(
        label="Payroll at the end", unit="USD/month", along=("roles",), better="lower",
        help="Payroll of each role in the last month.", method="The last month of {payroll_by_role}."),
    "payroll_by_month": Output(
        label="Payroll", unit="USD/month", along=("month",), better="lower",
        help="Salaries, what the employer pays on top, and contractors, in each month.",
        method="The sum over roles of {payroll_by_role}."),
    "people_by_month": Output(
        label="People", unit="people", along=("month",),
        help="Who is paid in each month. Someone who joins in the middle of a month counts half in it.",
        method="The sum of {people_by_kind}."),
    "hiring_by_month": Output(
        label="One-time hiring costs", unit="USD/month", along=("month",), better="lower",
        help="Recruiting and equipment, in the month in which someone joins.",
        method="Employees who join × salary × {recruiting}, and new places × {equipment}."),
    "costs_by_month": Output(
        label="All costs of the team", unit="USD/month", along=("month",), better="lower",
        help="Payroll, hiring, office and tools of each month.",
        method="{payroll_by_month} + {hiring_by_month} + employees × {office}."),
    "payroll_by_role": Output(
        label="Payroll by role", unit="USD/month", along=("roles", "month"), better="lower",
        help="Payroll of each role in each month.",
        method="People of each of {roles} × salary ÷ 12 × (1 + what is on top), with {raises}; of contractors × rate."),
    "people_by_kind": Output(
        label="People by kind of work", unit="people", along=("kinds", "month"),
        help="Who is paid in each month, by kind of work.",
        method="{roles} join when the search, from the month in which it starts, has taken its months to hire; "
        "{attrition} leaves, and is replaced after the months to hire."),
}
# fmt: on

# A plan in which only what a case states costs anything.
PLAIN = {
    "raises": 0, "attrition": 0, "recruiting": 0, "equipment": 0, "office": 0, "horizon": 12,
    "load_us": 0, "load_eu": 0, "load_uk": 0, "load_china": 0, "load_india": 0, "load_other": 0,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={
            **PLAIN, "load_us": 0.25, "recruiting": 0.1, "equipment": 2_000, "office": 500,
            "roles": [
                {"name": "Founder", "salary": 96_000, "kind": "operations", "research": 0.5},
                {"name": "Engineer", "salary": 120_000, "start": 3, "fill": 2.5},
                {"name": "Labeller", "terms": "contractor", "rate": 4_000, "start": 7, "fill": 0, "kind": "research",
                 "research": 0},
            ],
        },
        expected={
            "payroll_first": 10_000, "payroll_at_end": 26_500, "spent_on_salaries": 96_000 + 75_000,
            "spent_on_top": 42_750, "spent_on_contractors": 24_000, "spent_on_recruiting": 12_000,
            "spent_on_equipment": 2_000, "spent_on_office": 6_000 + 3_750, "total": 261_500, "hires": 2,
            "research_share": (60_000 + 93_750) / 237_750, "person_years": (12 + 7.5 + 6) / 12,
            "people_by_month": [1, 1, 1, 1, 1.5, 2, 3, 3, 3, 3, 3, 3],
        },
        source="By hand: the engineer, sought from month 3 on for 2.5 months, is paid for 7.5 of 12.",
    ),
    Example(
        inputs={
            **PLAIN, "load_us": 8.29 / 35.51,
            "roles": [{"name": "Average", "count": 100, "salary": 2_000 * 35.51}],
        },
        expected={"total": 100 * 2_000 * 43.80, "payroll_growth": 0, "cost_of_person_year": 87_600},
        source="US BLS, Employer Costs for Employee Compensation, June 2025: of $45.65 an hour $1.84 is supplemental "
        "pay; wages and paid leave are $35.51, what is on top of them $8.29, together $43.80. 2,000 hours a year.",
    ),
    Example(
        inputs={
            **PLAIN, "load_uk": 6_750 / 50_000,
            "roles": [{"name": "Analyst", "salary": 50_000, "region": "uk"}],
        },
        expected={"spent_on_top": 6_750, "total": 56_750},
        source="National Insurance of an employer 2025/26 on £50,000: 15% of what is above £5,000 is £6,750. Pounds "
        "stand for dollars.",
    ),
    Example(
        inputs={
            **PLAIN, "attrition": 1 - 0.9**12, "horizon": 6,
            "roles": [{"name": "Crew", "count": 100, "salary": 12_000, "fill": 2}],
        },
        expected={
            "people_by_month": [100, 90, 81, 82.9, 83.61, 83.349], "leavers": 52.0859,
            "replacements": 10 + 9 + 8.1,
        },
        source="By hand: a tenth leaves at the end of each month; a place stays empty for two months.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="product", label="Applied product team", inputs={}),
    Preset(
        slug="seed",
        label="Seed team",
        inputs={
            "horizon": 24, "recruiting": "0% to 10%", "office": "150 to 500",
            "roles": [
                {"name": "Founders", "kind": "operations", "count": 2, "salary": "70k to 120k", "research": 0.6},
                {"name": "First engineer", "salary": "110k to 170k", "start": 1, "fill": "1 to 3"},
                {"name": "ML engineer", "kind": "research", "salary": "130k to 210k", "start": 2, "fill": "2 to 5"},
                {"name": "Engineer in Europe", "region": "eu", "salary": "60k to 100k", "start": "5 to 9",
                 "fill": "2 to 4"},
                {"name": "Designer", "kind": "product", "terms": "contractor", "rate": "5k to 9k", "start": 2,
                 "fill": 0.5, "research": 0.5},
            ],
        },
    ),
    Preset(
        slug="lab",
        label="Series A lab",
        inputs={
            "attrition": "8% to 20%", "recruiting": "10% to 22%", "office": "700 to 1500",
            "roles": [
                {"name": "Research leads", "kind": "research", "count": 3, "salary": "250k to 450k"},
                {"name": "Researchers", "kind": "research", "count": 8, "salary": "180k to 320k", "start": "1 to 3",
                 "fill": "3 to 6"},
                {"name": "Infrastructure", "count": 5, "salary": "170k to 280k"},
                {"name": "Engineers", "count": 8, "salary": "140k to 230k", "start": "3 to 9", "fill": "2 to 4"},
                {"name": "Engineers in India", "region": "india", "count": 4, "salary": "30k to 70k", "start": 6,
                 "fill": "1 to 3"},
                {"name": "Product managers", "kind": "product", "count": 2, "salary": "140k to 220k", "start": 4,
                 "fill": "2 to 4", "research": 0.4},
                {"name": "Go to market", "kind": "sales", "count": 4, "salary": "110k to 200k", "start": "10 to 16",
                 "fill": "2 to 4", "research": 0},
                {"name": "Finance and people", "kind": "operations", "count": 2, "salary": "100k to 170k", "start": 3,
                 "fill": "1 to 3", "research": 0},
                {"name": "Annotators", "kind": "research", "terms": "contractor", "count": 6, "rate": "3k to 6k",
                 "start": 2, "fill": 1},
            ],
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="team-budget",
    version=1,
    title="Team budget",
    summary="What a team costs, role by role and month by month, with hiring, raises and those who leave.",
    family="Company",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="total",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"kinds": Axis(label="Kind of work", places=lambda inputs: list(KINDS.values()))},
    charts=(
        Fan(output="payroll_by_month", title="Payroll by month"),
        Lines(title="People by kind of work", outputs=("people_by_kind",)),
        Parts(
            title="Where the money goes",
            outputs=(
                "spent_on_salaries", "spent_on_top", "spent_on_contractors", "spent_on_recruiting",
                "spent_on_equipment", "spent_on_office",
            ),
        ),
        Bars(output="cost_by_role", title="Cost of each role", ordered=True),
        Lines(title="One-time hiring costs", outputs=("hiring_by_month",)),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(BLS_COSTS, EUROSTAT, SALARIES[0].source),
)  # fmt: skip
