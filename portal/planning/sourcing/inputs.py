"""What buying, renting and building a model depend on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from mlcore.spec import Family, Range, choice, day, integer, number
from portal.planning.catalog.api_prices import NEWEST, WEIGHTS
from portal.planning.catalog.edits import Live
from portal.planning.hardware import crediting
from portal.planning.hardware.inputs import ASSUMED, BASES, EPOCH, PURCHASES
from portal.planning.training.inputs import DEVICES, TYPED

API, MANAGED, RENTED, OWN, TUNED, SCRATCH = "api", "managed", "rented", "own", "tuned", "scratch"
WAYS = {
    API: "API of a closed model",
    MANAGED: "Open model, paid by the token",
    RENTED: "Open model on rented devices",
    OWN: "Open model on own hardware",
    TUNED: "Fine-tuned small model",
    SCRATCH: "Model from scratch",
}
SHORT = {
    API: "API", MANAGED: "by the token", RENTED: "rented", OWN: "own hardware", TUNED: "fine-tuned",
    SCRATCH: "from scratch",
}  # fmt: skip
ALTERNATIVES = {key: name for key, name in WAYS.items() if key != API}

YES, NO = "yes", "no"
COMPARED = {YES: "Compared", NO: "Left out"}
BY_DEVICES, BY_TOKENS = "devices", "tokens"
SERVING = {BY_DEVICES: "From the speed of the devices", BY_TOKENS: "A cost of a million tokens"}
OPEN, SMALL = "open", "small"
SIZES = {OPEN: "Like the open model", SMALL: "Like the small model"}


def _models(weights: Collection[str]) -> Live[str]:
    """Models of the catalogue whose weights are such, and prices of one's own."""

    def offered() -> dict[str, str]:
        listed = {key: f"{row.name}, {row.seller}" for key, row in NEWEST.items() if row.weights in weights}
        return listed | {TYPED: "Prices that I type"}

    return Live(offered, NEWEST.table)


API_MODELS = _models(WEIGHTS)
OPEN_MODELS = _models(("open",))

SHORTEST, LONGEST = 6, 60  # months
LONGEST_WAIT = 36  # months until an alternative runs
MOST, MOST_PRICE = 1e10, 1e6  # dollars

LIST = "https://github.com/simonw/llm-prices, 5 August 2026"
BATCH = "OpenAI, Anthropic and Google, batch interfaces, 2026: half of the list price"
SPEED_70B = (
    "A 70B model in 16 bits computes 140 GFLOP a token: 45% of an H100's peak reads 3,200 tokens a second. The rest "
    "is an assumption: measure your own."
)
SPEED_8B = "As for the open model, with 16 GFLOP a token. An assumption: measure your own."


# fmt: off
def _api_typed(label: str, likely: tuple[float, float], help: str) -> float:
    return number(label, likely=likely, low=0, high=MOST_PRICE, unit="USD", group=WAYS[API],
                  when=("api_model", (TYPED,)), source=ASSUMED, help=help)


def _host_typed(label: str, likely: tuple[float, float], help: str) -> float:
    return number(label, likely=likely, low=0, high=MOST_PRICE, unit="USD", group=WAYS[MANAGED],
                  when=("managed_model", (TYPED,)), source=ASSUMED, help=help)


def _compared(label: str, help: str) -> str:
    return choice(label, default=YES, choices=COMPARED, group="Ways", help=help)


def _engineers(way: str, likely: tuple[float, float]) -> float:
    return number(
        f"Engineers, {SHORT[way]}", likely=likely, low=0, high=10_000, unit="people", group=WAYS[way], source=ASSUMED,
        when=None if way == API else (f"compare_{way}", (YES,)),
        help="Full positions that this way takes, month after month, beyond the work on the product.")


def _switching(way: str, likely: tuple[float, float]) -> float:
    return number(
        f"Switching, {SHORT[way]}", likely=likely, low=0, high=MOST, unit="USD", group=WAYS[way], source=ASSUMED,
        when=(f"compare_{way}", (YES,)),
        help="Paid once, until it can replace the API: integration, prompts, evaluation, tests beside the old way.")


def _wait(way: str, likely: Range | tuple[float, float]) -> int:
    return integer(
        f"Months until it runs, {SHORT[way]}", likely=likely, low=0, high=LONGEST_WAIT, unit="months",
        group=WAYS[way], source=ASSUMED, when=(f"compare_{way}", (YES,)),
        help="Until then the API answers everything, and the engineers are paid already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    compare_api: str = _compared(
        "API", "The closed model of a supplier. Its prices are needed in any case: it answers what the others cannot.")
    compare_managed: str = _compared("Paid by the token", "An open model that a host runs for many customers.")
    compare_rented: str = _compared("Rented devices", "An open model that you serve on devices rented by the hour.")
    compare_own: str = _compared("Own hardware", "An open model that you serve on devices that you buy.")
    compare_tuned: str = _compared(
        "Fine-tuned", "A small open model, trained further on your data and served on rented devices.")
    compare_scratch: str = _compared(
        "From scratch", "A model that you train yourself from the start and serve on rented devices.")
    against: str = choice(
        "Look closely at", default=TUNED, choices=ALTERNATIVES, group="Ways",
        help="The way whose parts, break-even and lead over the API are shown.")
    first_month: date = day(
        "First month", default=date(2027, 1, 1), group="Ways",
        help="The month in which work on the alternatives starts; any day of it.")
    horizon: int = integer(
        "Horizon", default=36, low=SHORTEST, high=LONGEST, fixed=True, unit="months", group="Ways",
        help="How far ahead to compare. At its end own hardware is sold.")
    discount: float = number(
        "Discount rate a year", likely=(0.08, 0.15), low=0, high=10, unit="%", group="Ways", source=ASSUMED,
        help="What money a year later is worth less.")
    engineer_cost: float = number(
        "Cost of an engineer", likely=(160_000, 260_000), low=0, high=1e8, unit="USD/year", group="Ways",
        source=ASSUMED, help="Salary with taxes and benefits.")

    requests: float = number(
        "Requests a month", likely=(2_400_000, 3_600_000), low=0, high=1e13, unit="requests", group="Traffic",
        source=ASSUMED, help="In the first month. A hundred thousand a day are three million a month.")
    growth: float = number(
        "Growth of requests", likely=Range(0, 0.06, Family.NORMAL), low=-0.5, high=0.5, unit="%/month",
        group="Traffic", source=ASSUMED, help="From month to month.")
    input_tokens: float = number(
        "Input of a request", likely=(600, 1_000), low=0, high=1e8, unit="tokens", group="Traffic", source=ASSUMED,
        help="Instructions, context and question.")
    output_tokens: float = number(
        "Output of a request", likely=(220, 400), low=0, high=1e8, unit="tokens", group="Traffic", source=ASSUMED,
        help="Tokens of the answer, reasoning included.")
    cached_share: float = number(
        "Repeated share of the input", likely=(0.2, 0.5), low=0, high=1, unit="%", group="Traffic", source=ASSUMED,
        help="Input that was seen shortly before, such as instructions: suppliers charge their price of cached input "
        "for it, and own devices do not read it again.")
    batch_share: float = number(
        "Requests that can wait", default=0, low=0, high=1, unit="%", group="Traffic", source=ASSUMED,
        help="Share of the requests whose answer may come a day later, at the price of batches.")

    api_model: str = choice(
        "Model and price", default="gpt-5", choices=API_MODELS, group="API of a closed model",
        help="List prices of the catalogue with their dates, or your own. Fair only against models that do your work "
        "as well, or with a share asked again that says how much worse they do.")
    api_input: float = _api_typed(
        "API's price of a million input tokens", (1, 3), "For input that is not cached.")
    api_cached: float = _api_typed(
        "API's price of a million cached tokens", (0.1, 0.3), "For input that the supplier has seen before.")
    api_output: float = _api_typed(
        "API's price of a million output tokens", (8, 15), "For the answer.")
    batch_discount: float = number(
        "Discount for batches", default=0.5, low=0, high=1, unit="%", group="API of a closed model", source=BATCH,
        help="Off all token prices, for requests that can wait.")
    api_decline: float = number(
        "Fall of API prices a year", likely=Range(-0.1, 0.5, Family.NORMAL), low=-1, high=0.95, unit="%",
        group="API of a closed model", source="List prices, by way of " + LIST + ": GPT-5.6 Luna fell by 80% in July "
        "2026, DeepSeek-V3 rose to four times in February 2025; most never changed. The range is an assumption",
        help="How much lower the price of the same quality is a year later; below zero when it rises.")
    api_risk: float = number(
        "Supplier leaves or re-prices, a year", likely=(0.05, 0.25), low=0, high=0.99, unit="%",
        group="API of a closed model", source=ASSUMED,
        help="Probability in a year that the supplier ends the model, the contract or the price you count on.")
    api_exit: float = number(
        "Leaving the API costs", likely=(1, 4), low=0, high=60, unit="months", group="API of a closed model",
        source=ASSUMED, help="In months of its bill at that time: work to move, and the higher price until "
        "then. The expected cost is counted in each month.")
    api_engineers: float = _engineers(API, (0.1, 0.4))

    managed_model: str = choice(
        "Open model and price", default="deepseek-chat", choices=OPEN_MODELS, group="Open model, paid by the token",
        when=("compare_managed", (YES,)), help="List prices of the catalogue with their dates, or your own.")
    managed_input: float = _host_typed(
        "Host's price of a million input tokens", (0.2, 0.9), "For input that is not cached.")
    managed_cached: float = _host_typed(
        "Host's price of a million cached tokens", (0.05, 0.2), "Put the full price where it has no other.")
    managed_output: float = _host_typed(
        "Host's price of a million output tokens", (0.5, 1.2), "For the answer.")
    managed_decline: float = number(
        "Fall of host prices a year", likely=Range(0, 0.5, Family.NORMAL), low=-1, high=0.95, unit="%",
        group="Open model, paid by the token", when=("compare_managed", (YES,)), source=ASSUMED,
        help="How much lower a year later; below zero when prices rise. Many hosts sell the same model.")
    managed_risk: float = number(
        "Host leaves or re-prices, a year", likely=(0.1, 0.3), low=0, high=0.99, unit="%",
        group="Open model, paid by the token", when=("compare_managed", (YES,)), source=ASSUMED,
        help="Probability in a year that another host has to be found.")
    managed_exit: float = number(
        "Finding another host costs", likely=(0.2, 1), low=0, high=60, unit="months",
        group="Open model, paid by the token", when=("compare_managed", (YES,)), source=ASSUMED,
        help="In months of its bill at that time.")
    managed_engineers: float = _engineers(MANAGED, (0.2, 0.5))
    managed_switching: float = _switching(MANAGED, (10_000, 40_000))
    managed_wait: int = _wait(MANAGED, (1, 3))

    open_fallback: float = number(
        "Open model, asked again at the API", likely=(0.03, 0.15), low=0, high=1, unit="%",
        group="Serving the open model", source=ASSUMED,
        help="Share of the open model's answers that are not good enough, so that the API answers too: both are paid. "
        "By the token, on rented devices and on own hardware alike.")
    open_input_rate: float = number(
        "Open model reads, tokens a second", likely=(2_500, 6_000), low=0.001, high=1e9, unit="tokens/s",
        group="Serving the open model", source=SPEED_70B,
        help="Input that one device reads in a second while it does nothing else.")
    open_output_rate: float = number(
        "Open model writes, tokens a second", likely=(300, 900), low=0.001, high=1e9, unit="tokens/s",
        group="Serving the open model", source=SPEED_70B,
        help="Output that one device writes in a second, of all requests together, while it does nothing else.")
    open_devices: int = integer(
        "Devices of a copy", default=4, low=1, high=100_000, fixed=True, unit="devices",
        group="Serving the open model", help="How many one copy of the model is spread over: devices come in such "
        "steps.")
    open_copies: int = integer(
        "Copies at least", default=2, low=1, high=100_000, fixed=True, group="Serving the open model",
        help="Two keep the service up while one fails.")
    utilisation: float = number(
        "Share of the speed used", likely=(0.2, 0.5), low=0.001, high=1, unit="%", group="Serving the open model",
        source=ASSUMED, help="Mean over the month, for every model on devices: nights, quiet hours and what is kept "
        "free for peaks and quick answers.")

    accelerator: str = choice(
        "Accelerator", default="h100-sxm", choices=DEVICES, group="Renting devices",
        help="With dated rents from the catalogue; or your own device.")
    price_basis: str = choice(
        "Price basis", default="on_demand", choices=BASES, group="Renting devices",
        help="The newest offer of each seller in the catalogue, or your own price.")
    market_position: float = number(
        "Place in the market", likely=Range(0, 0.6, Family.UNIFORM), low=0, high=1, unit="%", group="Renting devices",
        when=("price_basis", ("on_demand",)),
        help="0% is the cheapest seller of the catalogue, 50% the middle one, 100% the dearest. Prices of one device "
        "differ several times between sellers on one day.")
    usd_per_device_hour: float = number(
        "Rent of a device", likely=(2.0, 4.5), low=0, high=1e6, unit="USD/hour", group="Renting devices",
        when=("price_basis", (TYPED,)), quantity="usd_per_device_hour", help="For one device and hour.")
    rent_decline: float = number(
        "Fall of rents a year", likely=Range(-0.15, 0.25, Family.NORMAL), low=-1, high=0.9, unit="%",
        group="Renting devices",
        source="One-year contract of an H100, market index: $1.70 in October 2025, $2.65 in June 2026. Rents also rise",
        help="How much lower rents are a year later; below zero when they rise.")
    credits_returned: float = crediting.returned("Renting devices")
    credits_earn: bool = crediting.earning("Renting devices")
    cloud_risk: float = number(
        "Cloud leaves or re-prices, a year", likely=(0.1, 0.3), low=0, high=0.99, unit="%", group="Renting devices",
        source=ASSUMED, help="Probability in a year that the devices have to be rented elsewhere.")
    cloud_exit: float = number(
        "Moving to another cloud costs", likely=(0.3, 1.5), low=0, high=60, unit="months", group="Renting devices",
        source=ASSUMED, help="In months of its bill at that time.")

    rented_basis: str = choice(
        "Cost of serving", default=BY_DEVICES, choices=SERVING, group="Open model on rented devices",
        when=("compare_rented", (YES,)), help="Whole devices, worked out from their speed; or what a million tokens "
        "cost, typed or sent here by the calculator of serving.")
    served_input: float = number(
        "Serving a million input tokens", likely=(0.15, 0.6), low=0, high=MOST_PRICE, unit="USD",
        group="Open model on rented devices", when=("rented_basis", (BY_TOKENS,)), source=ASSUMED,
        quantity="usd_per_million_input_tokens", help="On your own rented devices, idle hours included.")
    served_output: float = number(
        "Serving a million output tokens", likely=(1, 4), low=0, high=MOST_PRICE, unit="USD",
        group="Open model on rented devices", when=("rented_basis", (BY_TOKENS,)), source=ASSUMED,
        quantity="usd_per_million_output_tokens", help="On your own rented devices, idle hours included.")
    rented_engineers: float = _engineers(RENTED, (0.5, 1.5))
    rented_switching: float = _switching(RENTED, (20_000, 80_000))
    rented_wait: int = _wait(RENTED, Range(1, 5, Family.TRIANGLE, 2))

    own_price: float = number(
        "Price of a device, installed", likely=(45_000, 70_000), low=0, high=MOST, unit="USD",
        group="Open model on own hardware", when=("compare_own", (YES,)),
        source=PURCHASES + "; servers and network add 50% to 105%, " + EPOCH,
        help="With its share of server, network and storage. Bought when the traffic first needs it.")
    life: int = integer(
        "Useful life", default=60, low=1, high=120, fixed=True, unit="months", group="Open model on own hardware",
        when=("compare_own", (YES,)),
        help="Months from purchase until the residual value below. At least as long as the horizon.")
    residual: float = number(
        "Residual value", likely=(0.1, 0.3), low=0, high=1, unit="%", group="Open model on own hardware",
        when=("compare_own", (YES,)),
        source="Epoch AI, arXiv 2405.21015: 0.14 orders of magnitude less a year, which leaves 20% after five years",
        help="Share of its price that it is still worth at the end of its life. Its value falls by the same share "
        "every month.")
    own_power: float = number(
        "Full power of a device", default=1_275, low=0, high=1e6, unit="W", group="Open model on own hardware",
        when=("compare_own", (YES,)), source="NVIDIA DGX H100 data sheet: 10.2 kW for eight devices",
        help="With its share of the server: what colocation is paid for.")
    own_draw: float = number(
        "Mean draw", likely=(0.4, 0.7), low=0, high=1, unit="%", group="Open model on own hardware",
        when=("compare_own", (YES,)), source=ASSUMED, help="Over all hours, idle ones too, as a share of full power.")
    pue: float = number(
        "Power usage effectiveness", likely=(1.08, 1.35), low=1, high=5, unit="×", group="Open model on own hardware",
        when=("compare_own", (YES,)), source="Hyperscale 1.1, others 1.25",
        help="Power at the meter over power of the machines: cooling and conversion.")
    electricity: float = number(
        "Electricity", likely=(0.08, 0.18), low=0, high=10, unit="USD/kWh", group="Open model on own hardware",
        when=("compare_own", (YES,)),
        source="Industry in the United States, 2025: $0.083, by way of Epoch AI; the upper end is an assumption",
        help="What a kWh at the meter costs.")
    colocation: float = number(
        "Colocation of a kW", likely=(120, 220), low=0, high=1e5, unit="USD/month", group="Open model on own hardware",
        when=("compare_own", (YES,)), source=ASSUMED,
        help="Space, cooling and connection for each kilowatt at full load, without electricity.")
    maintenance: float = number(
        "Maintenance a year", likely=(0.03, 0.1), low=0, high=1, unit="%", group="Open model on own hardware",
        when=("compare_own", (YES,)), source=ASSUMED,
        help="Contracts, spare parts, devices that fail and insurance, as a share of what was paid.")
    own_engineers: float = _engineers(OWN, (0.8, 2))
    own_switching: float = _switching(OWN, (30_000, 120_000))
    own_wait: int = _wait(OWN, Range(3, 9, Family.TRIANGLE, 5))

    small_input_rate: float = number(
        "Small model reads, tokens a second", likely=(12_000, 35_000), low=0.001, high=1e9, unit="tokens/s",
        group="Serving the small model", source=SPEED_8B,
        help="Input that one device reads in a second while it does nothing else.")
    small_output_rate: float = number(
        "Small model writes, tokens a second", likely=(1_500, 5_000), low=0.001, high=1e9, unit="tokens/s",
        group="Serving the small model", source=SPEED_8B,
        help="Output that one device writes in a second, of all requests together, while it does nothing else.")
    small_devices: int = integer(
        "Devices of a small copy", default=1, low=1, high=100_000, fixed=True, unit="devices",
        group="Serving the small model", help="How many one copy is spread over.")
    small_copies: int = integer(
        "Small copies at least", default=2, low=1, high=100_000, fixed=True, group="Serving the small model",
        help="Two keep the service up while one fails.")

    tuning_cost: float = number(
        "Cost of fine-tuning", likely=(2_000, 15_000), low=0, high=MOST, unit="USD", group="Fine-tuned small model",
        when=("compare_tuned", (YES,)), quantity="fine_tuning_cost", source=ASSUMED,
        help="Devices for one fine-tuning with its trials. The calculator of fine-tuning can send it here.")
    tuning_data: float = number(
        "Data to fine-tune on", likely=(10_000, 50_000), low=0, high=MOST, unit="USD", group="Fine-tuned small model",
        when=("compare_tuned", (YES,)), source=ASSUMED, help="Collecting, labelling and checking them, once.")
    tunings: float = number(
        "Fine-tuned again, a year", default=2, low=0, high=365, unit="×", group="Fine-tuned small model",
        when=("compare_tuned", (YES,)), source=ASSUMED, help="Because questions, products or base models change.")
    tuned_share: float = number(
        "Requests the small model takes", likely=Range(0.5, 0.9, Family.BETA), low=0, high=1, unit="%",
        group="Fine-tuned small model", when=("compare_tuned", (YES,)), source=ASSUMED,
        help="Share that is sent to it. The rest goes to the API at once.")
    tuned_fallback: float = number(
        "Small model, asked again at the API", likely=(0.02, 0.1), low=0, high=1, unit="%",
        group="Fine-tuned small model", when=("compare_tuned", (YES,)), source=ASSUMED,
        help="Share of its answers that are not good enough, so that both are paid.")
    tuned_engineers: float = _engineers(TUNED, (0.5, 1.5))
    tuned_switching: float = _switching(TUNED, (20_000, 80_000))
    tuned_wait: int = _wait(TUNED, Range(2, 6, Family.TRIANGLE, 3))

    training_cost: float = number(
        "Cost of training", likely=(200_000, 800_000), low=0, high=MOST, unit="USD", group="Model from scratch",
        when=("compare_scratch", (YES,)), quantity="training_cost", source=ASSUMED,
        help="Devices for the final run. The calculator of a training run can send it here.")
    trials: float = number(
        "Experiments and failed runs", likely=(0.3, 1.5), low=0, high=100, unit="×", group="Model from scratch",
        when=("compare_scratch", (YES,)),
        source="Ai2: development added about half to the impact of its final runs; the rest of the range is an "
        "assumption",
        help="What they cost, as a multiple of the final run.")
    training_data: float = number(
        "Data to train on", likely=(50_000, 400_000), low=0, high=MOST, unit="USD", group="Model from scratch",
        when=("compare_scratch", (YES,)), quantity="data_cost", source=ASSUMED,
        help="Collecting, licensing, labelling and cleaning, once. The calculator of a data budget can send it here.")
    retraining: float = number(
        "Trained again, a year", likely=(0.1, 0.5), low=0, high=50, unit="×", group="Model from scratch",
        when=("compare_scratch", (YES,)), source=ASSUMED,
        help="Cost of keeping it up to date, as a multiple of the final run.")
    scratch_share: float = number(
        "Requests the own model takes", likely=Range(0.4, 0.9, Family.BETA), low=0, high=1, unit="%",
        group="Model from scratch", when=("compare_scratch", (YES,)), source=ASSUMED,
        help="Share that is sent to it. The rest goes to the API at once.")
    scratch_fallback: float = number(
        "Own model, asked again at the API", likely=(0.05, 0.2), low=0, high=1, unit="%", group="Model from scratch",
        when=("compare_scratch", (YES,)), source=ASSUMED,
        help="Share of its answers that are not good enough, so that both are paid.")
    scratch_size: str = choice(
        "Own model is served", default=SMALL, choices=SIZES, group="Model from scratch",
        when=("compare_scratch", (YES,)), help="Which of the speeds and devices above it is served with.")
    scratch_engineers: float = _engineers(SCRATCH, (3, 7))
    scratch_switching: float = _switching(SCRATCH, (50_000, 200_000))
    scratch_wait: int = _wait(SCRATCH, Range(6, 15, Family.TRIANGLE, 9))
# fmt: on


def compared(inputs: object) -> list[str]:
    """The keys of the ways that are compared, in their order."""
    return [key for key in WAYS if getattr(inputs, f"compare_{key}") == YES]
