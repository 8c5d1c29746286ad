"""What the build-or-buy calculator computes, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output

PARTS = ("rival_switching", "rival_building", "rival_staff", "rival_api", "rival_serving", "rival_risk")

NEVER = "not within the horizon"
NO_TRAFFIC = "at no traffic"
NO_REQUESTS = "nothing is asked"
NO_SUPPLIER = "no supplier is paid"
NO_PRICE = "at no price of the API"

_STEP = (
    "Traffic is taken to be the same in every month. Each request gains what the API asks for it, less what the way "
    "pays by the token; each copy of a model costs its devices; everything else is fixed. "
)
FIRST = _STEP + "With F fixed, b gained by a request, k copies a request and P for a copy, n copies pay when "\
    "n × (b ÷ k − P) ≥ F, and the traffic is (F + P × n) ÷ b."  # fmt: skip
LASTING = _STEP + "The last copy n that puts the way behind has (n − 1) × b ÷ k < F + P × n, and the traffic is "\
    "(F + P × n) ÷ b."  # fmt: skip
EVEN = "(What the way costs without the API − what the API's own way costs without it) ÷ (what that pays to the API − "\
    "what the way pays to it), expected losses with it included."  # fmt: skip
SPENT = "What was paid up to the end of each month, not discounted, without expected losses and sales."

# fmt: off
OUTPUTS = {
    "saving": Output(
        label="Saved by the best alternative", unit="USD", better="higher", headline=True,
        help="What the API costs more over the horizon than the cheapest of the alternatives that are compared, in "
        "money of today. Below zero, the API is cheaper than all of them.",
        formula="{api_total} − {alternative_total}"),
    "api_loses": Output(
        label="An alternative is cheaper", unit="", boolean=True, headline=True,
        help="Whether any alternative that is compared costs less than the API.",
        method="Yes when {saving} is above zero."),
    "best_total": Output(
        label="Cheapest way", unit="USD", better="lower", headline=True,
        help="What the cheapest of the ways that are compared costs over the horizon, in money of today.",
        method="The least of {total_by_way}."),
    "break_even_requests": Output(
        label="Break-even traffic", unit="requests", never=NO_TRAFFIC, better="lower", headline=True,
        help="Requests a month, the same in every month, from which the way that is looked at first costs no more than "
        "the API.", method=FIRST),
    "lasting_requests": Output(
        label="Break-even traffic that lasts", unit="requests", never=NO_TRAFFIC, better="lower",
        help="Requests a month from which on it always costs no more. Between the two, each further copy of the model "
        "may turn the answer.", method=LASTING),
    "break_even_month": Output(
        label="Break-even", unit="month", never=NEVER, better="lower", headline=True,
        help="The month from whose end on the way that is looked at has cost no more than the API.",
        method="{break_even_after}, counted from {first_month}."),
    "break_even_after": Output(
        label="Months to break-even", unit="months", never=NEVER, better="lower",
        help="Months until the end of the first one from which on the way that is looked at is ahead of the API.",
        method="The first month from which on {lead_by_month} stays at or above zero."),
    "even_api_price": Output(
        label="API price at break-even", unit="%", never=NO_PRICE, better="lower",
        help="All prices of the API, as a share of those of today, at which the way that is looked at costs the same: "
        "it is cheaper while they are higher.", method=EVEN),
    "api_total": Output(
        label="API in all", unit="USD", better="lower", help="What the API costs over the horizon, in money of today.",
        method="Requests × {api_per_request}, falling by {api_decline}, with {api_engineers} and expected losses, each "
        "month ÷ (1 + {discount})^(months ÷ 12)."),
    "alternative_total": Output(
        label="Best alternative in all", unit="USD", better="lower",
        help="What the cheapest alternative costs over the horizon, in money of today.",
        method="The least of {total_by_way}, the API left out."),
    "rival_total": Output(
        label="Way looked at, in all", unit="USD", better="lower",
        help="What the way that is looked at costs over the horizon, in money of today.",
        formula="{rival_switching} + {rival_building} + {rival_staff} + {rival_api} + {rival_serving} + {rival_risk}"),
    "rival_saving": Output(
        label="Saved by the way looked at", unit="USD", better="higher",
        help="What the API costs more than it.", formula="{api_total} − {rival_total}"),
    "rival_switching": Output(
        label="Switching", unit="USD", better="lower", help="Paid once, at the start.",
        method="As typed for {against}."),
    "rival_building": Output(
        label="Making the model", unit="USD", better="lower",
        help="Training or fine-tuning and their data, at the start and again later. Nothing for an open model.",
        method="Of {against}: {tuning_cost} and {tuning_data}, or {training_cost} × (1 + {trials}) and "
        "{training_data}; while it runs {tunings} or {retraining} a year."),
    "rival_staff": Output(
        label="Engineers", unit="USD", better="lower", help="From the first month on.",
        method="Engineers of {against} × {engineer_cost}, discounted."),
    "rival_api": Output(
        label="Paid to the API", unit="USD", better="lower",
        help="Until the way runs, for requests that it does not take, and for those that are asked again.",
        method="Requests × (1 − share taken × (1 − share asked again)) × price of a request, discounted."),
    "rival_serving": Output(
        label="Serving", unit="USD", better="lower",
        help="Host, devices, or hardware with power, site and maintenance, less its sale at the horizon.",
        method="Copies × devices × rent × 730.5 hours; of own hardware price, {electricity}, {colocation} and "
        "{maintenance}; by the token its price; discounted."),
    "rival_risk": Output(
        label="Expected loss with suppliers", unit="USD", better="lower",
        help="What it costs on average that suppliers leave or change their price. One bad year costs far more.",
        method="Each month's bill × (1 − (1 − probability a year)^(1 ÷ 12)) × months of the bill, discounted."),
    "switching_share": Output(
        label="Switching, share of the cost", unit="%", never="it costs nothing", better="lower",
        help="Of all that the way looked at costs.", formula="{rival_switching} ÷ {rival_total}"),
    "supplier_share": Output(
        label="Share of the largest supplier", unit="%", never=NO_SUPPLIER, better="lower",
        help="Of all that the way looked at pays to suppliers: API, host, cloud, maker of hardware, site, sellers of "
        "data. Each is counted as one.", method="The largest payment ÷ all payments, discounted."),
    "supplier_index": Output(
        label="Concentration of suppliers", unit="points", never=NO_SUPPLIER, better="lower",
        help="Herfindahl-Hirschman index of what it pays to suppliers: 10,000 points where one gets all.",
        method="The squares of the suppliers' shares, summed, × 10,000."),
    "best_per_request": Output(
        label="Cheapest way, a request", unit="USD/request", never=NO_REQUESTS, better="lower",
        quantity="usd_per_request", help="With engineers, switching and all. Both in money of today.",
        formula="{best_total} ÷ {worth_of_requests}"),
    "api_per_request": Output(
        label="API, a request", unit="USD/request", better="lower",
        help="What its supplier asks in the first month, batches included.",
        method="(({input_tokens} × ((1 − {cached_share}) × input price + {cached_share} × price of cached input) + "
        "{output_tokens} × output price) ÷ 1,000,000) × (1 − {batch_share} × {batch_discount}), by {api_model}."),
    "rent": Output(
        label="Rent of a device, first month", unit="USD/hour", better="lower", help="For an hour.",
        method="By {price_basis}: {market_position} in the newest offers of the catalogue, or {usd_per_device_hour}."),
    "requests_in_all": Output(
        label="Requests in all", unit="requests", help="Over the horizon.",
        method="{requests} × (1 + {growth})^t, summed."),
    "worth_of_requests": Output(
        label="Requests in all, discounted", unit="requests",
        help="Later requests count less, as later money does, so that cost and requests can be divided.",
        method="As {requests_in_all}, each month ÷ (1 + {discount})^(months ÷ 12)."),
    "total_by_way": Output(
        label="Cost in all", unit="USD", along=("way",), better="lower", help="Over the horizon, in money of today.",
        method="As {api_total} and {rival_total}, for each way that is compared."),
    "cheapest": Output(
        label="Cheapest", unit="", along=("way",), boolean=True, help="Whether no other way costs less.",
        method="{total_by_way} against the others."),
    "per_request_by_way": Output(
        label="A request", unit="USD/request", along=("way",), never=NO_REQUESTS, better="lower",
        help="With engineers, switching and all.", formula="{total_by_way} ÷ {worth_of_requests}"),
    "switching_by_way": Output(
        label="Switching and making the model", unit="%", along=("way",), never="it costs nothing", better="lower",
        help="Share of the cost that is lost when the way is given up.",
        method="What is paid for switching, training and data, as for {rival_switching} and {rival_building}, ÷ "
        "{total_by_way}."),
    "supplier_share_by_way": Output(
        label="Largest supplier", unit="%", along=("way",), never=NO_SUPPLIER, better="lower",
        help="Its share of what each way pays to suppliers.", method="As {supplier_share}, for each way."),
    "supplier_index_by_way": Output(
        label="Concentration", unit="points", along=("way",), never=NO_SUPPLIER, better="lower",
        help="Herfindahl-Hirschman index of what each way pays to suppliers.",
        method="As {supplier_index}, for each way."),
    "break_even_requests_by_way": Output(
        label="Break-even traffic of each", unit="requests", along=("alternative",), never=NO_TRAFFIC, better="lower",
        help="Requests a month from which each alternative first costs no more than the API.",
        method="As {break_even_requests}, for each alternative."),
    "lasting_requests_by_way": Output(
        label="Break-even traffic of each, lasting", unit="requests", along=("alternative",), never=NO_TRAFFIC,
        better="lower", help="Requests a month from which on each alternative always costs no more.",
        method="As {lasting_requests}, for each alternative."),
    "break_even_after_by_way": Output(
        label="Months to break-even of each", unit="months", along=("alternative",), never=NEVER, better="lower",
        help="Months until each alternative is ahead of the API for good.",
        method="As {break_even_after}, for each alternative."),
    "even_api_price_by_way": Output(
        label="API price at break-even of each", unit="%", along=("alternative",), never=NO_PRICE, better="lower",
        help="As a share of the prices of today: each alternative is cheaper while they are higher.",
        method="As {even_api_price}, for each alternative."),
    "lead_by_month": Output(
        label="Lead over the API", unit="USD", along=("month",), better="higher",
        help="What the API has cost more than the way that is looked at, up to the end of each month, without the sale "
        "of hardware.", method="What the API has cost, less what {against} has cost, neither discounted."),
    "spent_by_way": Output(
        label="Spent", unit="USD", along=("way", "month"), better="lower", help="By each way.", method=SPENT),
    "devices_by_month": Output(
        label="Devices", unit="devices", along=("month",), help="That the way looked at serves its model on.",
        method="Copies × devices of a copy: as many as {requests}, {growth} and {utilisation} need, at least "
        "{open_copies} or {small_copies}. None where tokens are paid for."),
    "requests_by_month": Output(
        label="Requests by month", unit="requests", along=("month",), help="In each month.",
        method="{requests} × (1 + {growth})^t."),
}
# fmt: on
