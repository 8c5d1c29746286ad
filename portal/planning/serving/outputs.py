"""What serving comes to, with the formula or method of every number."""

from __future__ import annotations

from portal.planning.calculator import Output

ROOFLINE = "Williams et al. 2009, CACM 52:65"
POPE = "Pope et al. 2022, arXiv 2211.05102, section 2"
LITTLE = "Little 1961, Operations Research 9:383"
QUEUE = "Pollaczek 1930 and Khinchine 1932: mean wait of a queue with one server"
RUNS = (
    "ai-dynamo/aiconfigurator, silicon comparison data: 818 runs of dense models and 1,733 of mixtures of experts, "
    "each model predicted by a fit to the others"
)
ENERGY = "ML.ENERGY leaderboard v3.0: 413 runs, each model predicted by a fit to the others"

SOURCES = (ROOFLINE, POPE, LITTLE, QUEUE, RUNS, ENERGY)
NEVER = "the targets cannot be kept"

OUTPUTS = {
    "devices": Output(
        label="Devices", unit="devices", better="lower", headline=True, never=NEVER,
        help="Of all replicas together, for the busiest time of the first month.",
        formula="{replicas} × {devices_per_replica}",
    ),
    "cost": Output(
        label="Cost a month", unit="USD/month", better="lower", headline=True, never=NEVER,
        help="Rent of the devices, held all month, in the first month.",
        formula="{devices} × {price_of_device_hour} × 730.5",
    ),
    "usd_per_request": Output(
        label="Cost of a request", unit="USD/request", better="lower", headline=True, never=NEVER,
        quantity="usd_per_request", help="Idle hours outside of the peak included.",
        formula="{cost} ÷ {requests}",
    ),
    "usd_per_million_input_tokens": Output(
        label="Cost of a million input tokens", unit="USD", better="lower", headline=True, never=NEVER,
        quantity="usd_per_million_input_tokens",
        help="The share of the cost that prompts cause by the time that they take.",
        formula="{cost} × {prompt_share} ÷ ({requests} × {prompt}) × 10^6",
    ),
    "usd_per_million_output_tokens": Output(
        label="Cost of a million output tokens", unit="USD", better="lower", headline=True, never=NEVER,
        quantity="usd_per_million_output_tokens", help="What prompts leave of the cost.",
        formula="{cost} × (1 − {prompt_share}) ÷ ({requests} × {output}) × 10^6",
    ),
    "replicas": Output(
        label="Replicas", unit="", better="lower", headline=True, never=NEVER,
        help="Copies of the model that serve side by side, spare ones included.",
        method="{peak_speed} ÷ {replica_speed}, rounded up, and {spare}.",
    ),
    "devices_per_replica": Output(
        label="Devices of a replica", unit="devices",
        help="Up to 8 split every layer; groups of them share the layers in turn.",
        method="{split}; when automatic, the number with the fewest devices in all, of 1, 2, 4 and 8, and of the next "
        "that holds the weights where 8 hardly do.",
    ),
    "first_token": Output(
        label="Until the first token", unit="seconds", better="lower", headline=True,
        help="At the percentile, in the busiest time, without the network.",
        method="Two steps, and at {percentile} the length of the prompt and the wait behind the prompts of others.",
        source=QUEUE,
    ),
    "token": Output(
        label="Between tokens", unit="seconds", better="lower", headline=True,
        help="Mean in the busiest time.",
        method="A step with {running} requests: reading weights and caches, products, exchange and overheads, and the "
        "prompts that come in meanwhile; times {time_factor}.",
        source=f"{ROOFLINE}; {POPE}; {RUNS}",
    ),
    "at_once": Output(
        label="Requests at once, at most", unit="requests", better="higher",
        help="Mean that a replica can run within the targets.",
        method="The most that keep {first_target} and {token_target} at {percentile}, fit into {memory} and are at "
        "most 1,024. 0 where not one does.",
    ),
    "running": Output(
        label="Requests at once", unit="requests", help="That a replica runs in the mean of the busiest time.",
        method="As many as finish as fast as they come: {requests_per_day} × {peak_factor} over {replicas}.",
        source=LITTLE,
    ),
    "replica_speed": Output(
        label="Speed of a replica", unit="tokens/s", better="higher",
        help="Tokens of answers a second within the targets.",
        method="{at_once} ÷ the time of a step and of the prompts that begin in it; or {measured_speed}, as "
        "{throughput} says.",
        source=LITTLE,
    ),
    "device_speed": Output(
        label="Speed of a device", unit="tokens/s", better="higher", help="Tokens of answers a second.",
        formula="{replica_speed} ÷ {devices_per_replica}",
    ),
    "peak_speed": Output(
        label="Load at the peak", unit="tokens/s", help="Tokens of answers that all replicas must write a second.",
        formula="{requests_per_day} ÷ 86400 × {peak_factor} × {output}",
    ),
    "requests": Output(
        label="Requests a month", unit="requests", help="In the first month.",
        formula="{requests_per_day} × 30.4375",
    ),
    "utilisation": Output(
        label="Use of the capacity", unit="%", better="higher", help="Mean load over what the replicas could serve.",
        method="{requests_per_day} over what {replicas} finish in a day at {replica_speed}.",
    ),
    "prompt_share": Output(
        label="Time for prompts", unit="%", help="Share of the time of a replica that prompts take.",
        method="Computing the prompts that begin in a step, over that and the step.",
    ),
    "time_factor": Output(
        label="Measured over estimated time", unit="×", better="lower", help="By which every time is multiplied.",
        method="What stands at {error_position} among published runs of dense models, or of mixtures of experts, by "
        "models left out; or {slower}, as {error_basis} says.",
        source=RUNS,
    ),
    "price_of_device_hour": Output(
        label="Price of a device-hour", unit="USD/hour", better="lower", help="What is paid for one device.",
        method="That place ({market_position}) among the dated offers of the catalogue for {accelerator}, one for each "
        "seller, interpolated; or {usd_per_device_hour}, as {price_basis} says.",
    ),
    "following_cost": Output(
        label="Cost a month if devices followed the load", unit="USD/month", better="lower", never=NEVER,
        help="The least that turning devices on and off with the load could reach: no idle hour, no whole replicas.",
        method="{requests_per_day} × {output} over {device_speed}, as device-hours of a month at "
        "{price_of_device_hour}.",
    ),
    "energy_per_million": Output(
        label="Energy of a million output tokens", unit="kWh", better="lower",
        help="Of the devices alone, in the busiest time; server and cooling come on top. Half of the published runs "
        "lie within 18% of such an estimate.",
        method="Design power of {accelerator} times the time of a step, the share of it rising with use of bandwidth "
        "and peak.",
        source=ENERGY,
    ),
    "parameters": Output(
        label="Parameters", unit="parameters", help="Every weight, counted from the sizes.",
        method="Summed over the matrices and vectors of {architecture}.",
    ),
    "weights_memory": Output(
        label="Weights", unit="GiB", better="lower", help="Of one replica.",
        method="Bytes of a weight in {precision} with its scales, for every one of {parameters}; embedding and output "
        "projection at 16 bits.",
    ),
    "cache_memory": Output(
        label="Key-value caches", unit="GiB", help="Of the requests that one replica runs at once.",
        method="{running} × the bytes of a token in {cache_precision} × the mean tokens that a running request holds.",
    ),
    "memory": Output(
        label="Memory of a replica", unit="GiB", better="higher", help="For weights and caches.",
        method="90% of the memory of {devices_per_replica}, less 3 GiB each for activations and communication.",
    ),
    "devices_by_month": Output(
        label="Devices by month", unit="devices", better="lower", along=("month",), never=NEVER,
        help="As the load grows.",
        method="As {devices}, with requests that grow by {growth} each month.",
    ),
    "cost_by_month": Output(
        label="Cost by month", unit="USD", better="lower", along=("month",), never=NEVER,
        help="At the price of today.",
        formula="{devices_by_month} × {price_of_device_hour} × 730.5",
    ),
    "curve_token": Output(
        label="Between tokens", unit="seconds", better="lower", along=("load",),
        help="Of one replica, by the requests that it runs at once, whether memory and targets allow them or not.",
        method="As {token}, at each number of requests.",
    ),
    "curve_speed": Output(
        label="Speed of a device", unit="tokens/s", better="higher", along=("load",),
        help="Of one replica, by the requests that it runs at once.",
        method="As {device_speed}, at each number of requests.",
    ),
}  # fmt: skip

MEMORY_PARTS = ("weights_memory", "cache_memory")
