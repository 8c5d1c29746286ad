"""What buying accelerators, and renting them instead, depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import Family, Range, choice, day, integer, number, rows, text
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.hardware import crediting
from portal.planning.training.inputs import DEVICES, TYPED
from portal.planning.training.own_model import CUSTOM

ASSUMED = "Assumption: put in your own."
EPOCH = "Epoch AI, “The rising costs of training frontier AI models”, arXiv 2405.21015"
PURCHASES = "Epoch AI, prices of machine learning hardware (CC BY): H100 SXM, offers of March 2024 to March 2025"
LLAMA = "Llama 3, arXiv 2407.21783, table 5"

CASH, LOAN = "cash", "loan"
ON_DEMAND, RESERVED, SPOT = "on_demand", "reserved", "spot"
PAYING = {CASH: "Paid in full on delivery", LOAN: "A loan, paid back in level payments"}
RIVALS = {ON_DEMAND: "Renting on demand", RESERVED: "Renting with a commitment", SPOT: "Renting spot capacity"}
BASES = {"on_demand": "On demand, dated offers", TYPED: "A price that I type"}

LONGEST = 120  # months
SHORTEST = 18  # months; longer than the longest delivery, so that what is bought also runs
LATEST_DELIVERY = 12  # months
MOST = 1e9  # dollars

_OWN_DEVICE = ("accelerator", (CUSTOM,))
_KNOWN_DEVICE = ("accelerator", ACCELERATORS)
_LOAN = ("paying", (LOAN,))


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudCredit:
    label: str = text("From whom", default="", help="A name for these credits.", max_length=120)
    amount: float = number("Amount", default=0, low=0, high=MOST, unit="USD", help="What they pay for in all.")
    first: int = integer(
        "First month", default=1, low=1, high=LONGEST, fixed=True, help="The first that they pay for, counted from 1."
    )
    last: int = integer(
        "Last month", default=12, low=1, high=LONGEST, fixed=True,
        help="The last that they pay for, counted from 1; what is left then is lost.",
    )  # fmt: skip


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    accelerator: str = choice(
        "Accelerator", default="h100-sxm", choices=DEVICES, group="Hardware",
        help="With design power and dated rents from the catalogue; or your own device.")
    devices: int = integer(
        "Devices", default=64, low=1, high=1_000_000, fixed=True, unit="devices", group="Hardware",
        help="How many are bought.")
    first_month: date = day(
        "First month", default=date(2027, 1, 1), group="Hardware",
        help="The month in which work starts and hardware is ordered; any day of it.")
    horizon: int = integer(
        "Horizon", default=48, low=SHORTEST, high=LONGEST, fixed=True, unit="months", group="Hardware",
        help="How far ahead to compare. At its end the hardware is sold.")
    utilisation: float = number(
        "Share of hours used", likely=(0.45, 0.85), low=0, high=1, unit="%", group="Use", source=ASSUMED,
        help="Share of the hours of all devices in which they work, in the first month. Not how hard they work then.")
    use_growth: float = number(
        "Growth of use", default=0.01, low=-0.5, high=1, unit="%/month", group="Use", source=ASSUMED,
        help="Growth of the hours used a month. What is beyond all hours of the devices is not counted.")
    price: float = number(
        "Price of a device", likely=(28_750, 36_000), low=0, high=MOST, unit="USD", group="Buying", source=PURCHASES,
        help="What one accelerator costs. Of a complete server, put in an eighth and leave the server out below.")
    surcharge: float = number(
        "Servers, network and storage", likely=(0.5, 1.05), low=0, high=10, unit="%", group="Buying",
        source="Epoch AI, arXiv 2405.21015: a server costs 1.54 to 1.69 times its devices, the network 19% of a "
        "cluster; DGX H100, March 2025: 1.5 times",
        help="What is bought around the devices, as a share of their price.")
    delay: int = integer(
        "Months to delivery", likely=Range(1, 5, Family.TRIANGLE, 3), low=0, high=LATEST_DELIVERY, unit="months",
        group="Buying", source=ASSUMED,
        help="Until the devices work. Until then the same hours are rented on demand.")
    life: int = integer(
        "Useful life", default=60, low=1, high=LONGEST, fixed=True, unit="months", group="Buying",
        help="Months from delivery until the residual value below. At least as long as the horizon.")
    residual: float = number(
        "Residual value", likely=(0.1, 0.3), low=0, high=1, unit="%", group="Buying",
        source="Epoch AI, arXiv 2405.21015: 0.14 orders of magnitude less a year, which leaves 20% after five years",
        help="Share of all that was paid for hardware that it is still worth at the end of its life. Its value falls "
        "by the same share every month.")
    paying: str = choice(
        "Financing", default=CASH, choices=PAYING, group="Financing", help="How the hardware is paid.")
    down_payment: float = number(
        "Down payment", default=0.2, low=0, high=1, unit="%", group="Financing", when=_LOAN, source=ASSUMED,
        help="Share of the hardware that is paid on delivery; the loan pays the rest.")
    loan_rate: float = number(
        "Interest a year", likely=(0.09, 0.14), low=0, high=1, unit="%", group="Financing", when=_LOAN, source=ASSUMED,
        help="Nominal rate: a twelfth of it is charged each month.")
    loan_term: int = integer(
        "Payments", default=36, low=1, high=360, fixed=True, unit="months", group="Financing", when=_LOAN,
        help="Number of level payments, one at the end of each month from delivery on. What is owed at the horizon is "
        "paid back then.")
    device_power: float = number(
        "Power of a device", default=700, low=0, high=1e6, unit="W", group="Running costs", when=_OWN_DEVICE,
        help="What it draws while it works, its share of the server included.")
    power_share: float = number(
        "Draw over design power", likely=(0.6, 0.9), low=0, high=2, unit="%", group="Running costs", when=_KNOWN_DEVICE,
        source="Epoch AI, arXiv 2405.21015: 75% for GPUs in training",
        help="Mean draw of the device while it works, as a share of its thermal design power.")
    server_factor: float = number(
        "Server over devices", likely=(1.4, 2.0), low=1, high=10, unit="×", group="Running costs", when=_KNOWN_DEVICE,
        source="DGX H100 10.2 kW for 8 × 700 W: 1.82; DGX A100 6.5 kW for 8 × 400 W: 2.03, at full load",
        help="Power of the whole server over the power of its accelerators.")
    idle_share: float = number(
        "Draw when idle", likely=(0.15, 0.4), low=0, high=1, unit="%", group="Running costs", source=ASSUMED,
        help="What a server draws in the hours in which it is not used, as a share of what it draws when it works.")
    pue: float = number(
        "Power usage effectiveness", likely=(1.08, 1.35), low=1, high=5, unit="×", group="Running costs",
        source="Hyperscale 1.1, others 1.25",
        help="Power at the meter over power of the machines: cooling and conversion.")
    electricity: float = number(
        "Electricity", likely=(0.08, 0.18), low=0, high=10, unit="USD/kWh", group="Running costs",
        source="Industry in the United States, 2025: $0.083, by way of Epoch AI; the upper end is an assumption",
        help="What a kWh at the meter costs.")
    colocation: float = number(
        "Colocation of a kW", likely=(120, 220), low=0, high=1e5, unit="USD/month", group="Running costs",
        source=ASSUMED, help="Space, cooling and connection for each kilowatt of the servers at full load, without "
        "electricity. Where the contract includes electricity, put 0 for that.")
    staff: float = number(
        "People", likely=(0.3, 1), low=0, high=10_000, unit="people", group="Running costs", source=ASSUMED,
        help="Who run the hardware, in full positions, beyond what rented devices would need.")
    staff_cost: float = number(
        "Cost of a person", default=180_000, low=0, high=1e8, unit="USD/year", group="Running costs", source=ASSUMED,
        help="Salary with taxes and benefits.")
    maintenance: float = number(
        "Maintenance a year", likely=(0.02, 0.06), low=0, high=1, unit="%", group="Running costs", source=ASSUMED,
        help="Contracts, spare parts and insurance, as a share of what the hardware cost.")
    failures: float = number(
        "Devices replaced a year", likely=(0.01, 0.06), low=0, high=1, unit="%", group="Running costs",
        source="Llama 3, arXiv 2407.21783, table 5: 220 interruptions by a GPU or its memory on 16,384 in 54 days, "
        "9% a year; not each takes a new device",
        help="Share of the devices that fails each year and is bought again. Put 0 where the warranty pays.")
    price_basis: str = choice(
        "Price basis", default="on_demand", choices=BASES, group="Renting",
        help="The newest offer of each seller in the catalogue, or your own price.")
    market_position: float = number(
        "Place in the market", likely=Range(0, 1, Family.UNIFORM), low=0, high=1, unit="%", group="Renting",
        when=("price_basis", ("on_demand",)),
        help="0% is the cheapest seller of the catalogue, 50% the middle one, 100% the dearest. Prices of one device "
        "differ several times between sellers on one day.")
    usd_per_device_hour: float = number(
        "Rent of a device", likely=(2.0, 4.5), low=0, high=1e6, unit="USD/hour", group="Renting",
        when=("price_basis", (TYPED,)), help="On demand, for one device and hour.")
    rent_decline: float = number(
        "Fall of rents a year", likely=Range(-0.15, 0.25, Family.NORMAL), low=-1, high=0.9, unit="%", group="Renting",
        source="One-year contract of an H100, market index: $1.70 in October 2025, $2.65 in June 2026. Rents also rise",
        help="How much lower rents are a year later; below zero when they rise.")
    reserved_share: float = number(
        "Devices committed to", default=0.6, low=0, high=1, unit="%", group="Renting", source=ASSUMED,
        help="Share of the devices that is reserved: every hour of it is paid, used or not. More is rented on demand.")
    reserved_price: float = number(
        "Price with a commitment", likely=(0.69, 0.83), low=0, high=1, unit="%", group="Renting",
        source="One year at Google Cloud, Azure and Oblivus, 2024 and March 2025, by way of Epoch AI: 69% to 83%",
        help="As a share of the price on demand when the contract starts.")
    contract: int = integer(
        "Length of a commitment", default=12, low=1, high=LONGEST, fixed=True, unit="months", group="Renting",
        help="Its price stays until the end, then it is renewed at the price of that month.")
    spot_price: float = number(
        "Price of spot capacity", likely=(0.35, 0.6), low=0, high=1, unit="%", group="Renting",
        source="H100: Verda 35% (2026), Nebius 42% (2025) of the price on demand; a market index in 2026 far above",
        help="As a share of the price on demand.")
    spot_overhead: float = number(
        "Lost to interruptions", likely=(0.03, 0.2), low=0, high=10, unit="%", group="Renting", source=ASSUMED,
        help="Hours that are paid again because spot capacity was taken away, as a share of the hours used.")
    credits: tuple[CloudCredit, ...] = rows(
        CloudCredit, "Cloud credits", max_items=20, group="Renting",
        help="They pay whatever is rented; those that expire first are used first.")
    credits_returned: float = crediting.returned("Renting")
    credits_earn: bool = crediting.earning("Renting")
    against: str = choice(
        "Compare with", default=ON_DEMAND, choices=RIVALS, group="Comparison",
        help="The way of renting that break-even and savings are about.")
    discount: float = number(
        "Discount rate a year", likely=(0.08, 0.15), low=0, high=10, unit="%", group="Comparison", source=ASSUMED,
        help="What money a year later is worth less.")
# fmt: on
