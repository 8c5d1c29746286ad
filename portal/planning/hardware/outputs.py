"""What own hardware computes, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output
from portal.planning.hardware.inputs import EPOCH, RIVALS

OWN = "own"
WAYS = {OWN: "Own hardware", **RIVALS}

UNUSED = "nothing is used"
NEVER = "not within the horizon"
NEVER_PAYS = "owning costs more even when every hour is used"
SPENT = "What was paid up to the end of each month, credits used, not discounted."

COST_PARTS = (
    "hardware_cost", "electricity_cost", "colocation_total", "staff_total", "maintenance_total", "replacement_total",
    "waiting_total",
)  # fmt: skip
TOTALS = ("own_total", "on_demand_total", "reserved_total", "spot_total")

# fmt: off
OUTPUTS = {
    "saving": Output(
        label="Saved by owning", unit="USD", better="higher", headline=True,
        help="What the chosen way of renting costs more than owning over the horizon, in money of today. Below zero, "
        "renting costs less.",
        formula="{rival_total} − {own_total}"),
    "own_cheaper": Output(
        label="Owning is cheaper", unit="", boolean=True, better="higher", headline=True,
        help="Whether owning costs less than the chosen way of renting.", method="Yes when {saving} is above zero."),
    "break_even_month": Output(
        label="Break-even", unit="month", never=NEVER, better="lower", headline=True,
        help="The month from whose end on owning has cost no more than the chosen way of renting, without a sale.",
        method="{break_even_after}, counted from {first_month}."),
    "break_even_after": Output(
        label="Months to break-even", unit="months", never=NEVER, better="lower",
        help="Months until the end of the first one from which on owning is ahead.",
        method="The first month, not before delivery, from which on {lead_by_month} stays at or above zero."),
    "break_even_use": Output(
        label="Break-even use", unit="%", never=NEVER_PAYS, better="lower", headline=True,
        help="Share of hours used in the first month above which owning costs no more than the chosen way of renting.",
        method="The last {utilisation} at which {own_total} falls to {rival_total}, all else as it is, found by false "
        "position (the Illinois rule)."),
    "own_per_hour": Output(
        label="Owning, an hour used", unit="USD/hour", never=UNUSED, better="lower", headline=True,
        quantity="usd_per_device_hour",
        help="What an hour in which a device works costs, the idle ones paid along. Both in money of today.",
        formula="{own_total} ÷ {worth_of_hours}"),
    "on_demand_per_hour": Output(
        label="On demand, an hour used", unit="USD/hour", never=UNUSED, better="lower",
        help="What the same hour costs on demand, credits used.", formula="{on_demand_total} ÷ {worth_of_hours}"),
    "reserved_per_hour": Output(
        label="With a commitment, an hour used", unit="USD/hour", never=UNUSED, better="lower",
        help="What the same hour costs with a commitment, credits used.",
        formula="{reserved_total} ÷ {worth_of_hours}"),
    "spot_per_hour": Output(
        label="Spot, an hour used", unit="USD/hour", never=UNUSED, better="lower",
        help="What the same hour costs with spot capacity, credits used.",
        formula="{spot_total} ÷ {worth_of_hours}"),
    "rival_per_hour": Output(
        label="Chosen way of renting, an hour used", unit="USD/hour", never=UNUSED, better="lower",
        help="Of the way that break-even and savings are about.", formula="{rival_total} ÷ {worth_of_hours}"),
    "up_front": Output(
        label="Cash on delivery", unit="USD", better="lower", headline=True,
        help="What has to be at hand when the hardware comes.",
        method="{bought}, or with a loan the share {down_payment} of it."),
    "bought": Output(
        label="Price of the hardware", unit="USD", better="lower", help="Devices with all that is bought around them.",
        formula="{devices} × {price} × (1 + {surcharge})"),
    "loan_payment": Output(
        label="Payment of the loan", unit="USD/month", better="lower",
        help="Interest and repayment together, the same every month; 0 without a loan.",
        method="Borrowed × i ÷ (1 − (1 + i)^−n), with i a twelfth of {loan_rate} and n = {loan_term}."),
    "owed_at_horizon": Output(
        label="Owed at the horizon", unit="USD", better="lower", help="What of the loan is paid back then.",
        method="{loan_payment} × (1 − (1 + i)^−m) ÷ i, with m the payments that are left."),
    "sale": Output(
        label="Sale at the horizon", unit="USD", better="higher", help="What the hardware is still worth then.",
        method="{bought} × {residual}^(months since delivery ÷ {life}).", source=EPOCH),
    "own_total": Output(
        label="Owning, in all", unit="USD", better="lower", help="In money of today, the sale at the horizon counted.",
        formula=" + ".join(f"{{{part}}}" for part in COST_PARTS)),
    "on_demand_total": Output(
        label="On demand, in all", unit="USD", better="lower", help="In money of today, credits used.",
        method="Hours used × the rent of each month, which starts at {rent} and falls by {rent_decline} a year."),
    "reserved_total": Output(
        label="With a commitment, in all", unit="USD", better="lower", help="In money of today, credits used.",
        method="Every hour of {reserved_share} of the devices at {reserved_price} of the price on demand at the start "
        "of each {contract}; hours used beyond them on demand."),
    "spot_total": Output(
        label="Spot, in all", unit="USD", better="lower", help="In money of today, credits used.",
        method="Hours used × (1 + {spot_overhead}) × {spot_price} of the rent of each month."),
    "rival_total": Output(
        label="Chosen way of renting, in all", unit="USD", better="lower", help="In money of today, credits used.",
        method="By {against}: {on_demand_total}, {reserved_total} or {spot_total}."),
    "hardware_cost": Output(
        label="Hardware, less its sale", unit="USD", better="lower",
        help="All that is paid for it, interest included, less what it brings at the horizon, in money of today.",
        method="{up_front} and each {loan_payment}, and {owed_at_horizon} less {sale}, each discounted."),
    "electricity_cost": Output(
        label="Electricity of it", unit="USD", better="lower", help="In money of today.",
        method="Draw × {pue} × hours × {electricity}, each month. In hours not used the draw is the share {idle_share} "
        "of that in use."),
    "colocation_total": Output(
        label="Colocation", unit="USD", better="lower", help="In money of today.",
        method="{design_power} of all devices × {colocation} a kilowatt, each month from delivery on."),
    "staff_total": Output(
        label="People who run it", unit="USD", better="lower", help="In money of today.",
        method="{staff} × {staff_cost} ÷ 12, each month from delivery on."),
    "maintenance_total": Output(
        label="Maintenance", unit="USD", better="lower", help="In money of today.",
        method="{bought} × {maintenance} ÷ 12, each month from delivery on."),
    "replacement_total": Output(
        label="Devices replaced", unit="USD", better="lower", help="In money of today.",
        method="{devices} × {failures} ÷ 12 × {price}, each month from delivery on."),
    "waiting_total": Output(
        label="Rent until delivery", unit="USD", better="lower",
        help="The same hours on demand until the hardware comes, credits used, in money of today.",
        method="As {on_demand_total}, for the months of {delay}."),
    "rent": Output(
        label="Rent on demand, first month", unit="USD/hour", better="lower", help="For one device and hour.",
        method="By {price_basis}: {market_position} in the newest offers of the catalogue, or {usd_per_device_hour}."),
    "design_power": Output(
        label="Full power of a device", unit="W", help="With its share of the server: what colocation is paid for.",
        method="Design power × {server_factor}; of a custom device {device_power}."),
    "hours": Output(
        label="Hours used in all", unit="hours", better="higher", help="Of all devices, over the horizon.",
        method="{devices} × 730.5 × {use_by_month}, summed."),
    "worth_of_hours": Output(
        label="Hours used, discounted", unit="hours",
        help="Later hours count less, as later money does, so that cost and hours can be divided.",
        method="As {hours}, each month ÷ (1 + {discount})^(months ÷ 12).",
        source="Levelised cost, as for electricity: IEA, “Projected Costs of Generating Electricity”, 2020"),
    "total_by_way": Output(
        label="Cost in all", unit="USD", along=("way",), better="lower", help="In money of today.",
        method="{own_total}, {on_demand_total}, {reserved_total} and {spot_total}."),
    "cheapest": Output(
        label="Cheapest", unit="", along=("way",), boolean=True, help="Whether no other way costs less.",
        method="{total_by_way} against the others."),
    "own_by_month": Output(
        label="Spent on owning", unit="USD", along=("month",), better="lower", help="Without a sale.", method=SPENT),
    "on_demand_by_month": Output(
        label="Spent on demand", unit="USD", along=("month",), better="lower", help="Renting on demand.",
        method=SPENT),
    "reserved_by_month": Output(
        label="Spent with a commitment", unit="USD", along=("month",), better="lower",
        help="Renting with a commitment.", method=SPENT),
    "spot_by_month": Output(
        label="Spent on spot capacity", unit="USD", along=("month",), better="lower", help="Renting spot capacity.",
        method=SPENT),
    "lead_by_month": Output(
        label="Lead of owning", unit="USD", along=("month",), better="higher",
        help="How much more the chosen way of renting has cost up to the end of each month. What is still owed on a "
        "loan counts as spent; a sale is not counted.",
        method="What {against} has cost, less {own_by_month} and {owed_by_month}."),
    "value_by_month": Output(
        label="Worth of the hardware", unit="USD", along=("month",), better="higher",
        help="What a sale at the end of each month would bring.",
        method="{bought} × {residual}^(months since delivery ÷ {life})."),
    "owed_by_month": Output(
        label="Owed on the loan", unit="USD", along=("month",), better="lower",
        help="What the lender still gets at the end of each month.",
        method="{loan_payment} × (1 − (1 + i)^−m) ÷ i, with m the payments that are left."),
    "use_by_month": Output(
        label="Share of hours used, by month", unit="%", along=("month",), help="In each month; at most all.",
        method="{utilisation} × (1 + {use_growth})^t, at most 100%."),
}
# fmt: on
