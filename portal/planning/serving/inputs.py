"""What serving a model depends on. A measured job fills the fields that carry the name of a quantity."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import Family, Range, choice, integer, number
from portal.planning.training.inputs import DEVICES, PRICE_BASES, TYPED
from portal.planning.training.own_model import CUSTOM, OwnMixture

ASSUMED = "Assumption: put in your own."

PRECISIONS = {
    "bf16": "16 bits",
    "fp8": "FP8, weights and products",
    "nvfp4": "NVFP4, weights and products",
    "int8": "8-bit weights, 16-bit products",
    "int4": "4-bit weights, 16-bit products",
}
CACHE_PRECISIONS = {"bf16": "16 bits", "fp8": "8 bits"}
ENGINES = {"vllm": "vLLM", "trtllm": "TensorRT-LLM", "sglang": "SGLang"}
AUTOMATIC = "auto"
SPLITS = {
    AUTOMATIC: "The fewest devices in all",
    **{number: number for number in ("1", "2", "4", "8", "16", "32", "64")},
}
ESTIMATED, MEASURED = "estimated", "measured"
THROUGHPUTS = {ESTIMATED: "Estimated", MEASURED: "Measured on one replica"}

RUNS = "runs"
ERROR_BASES = {RUNS: "As far off as for published runs of such models", TYPED: "A factor that I type"}

_OWN_DEVICE = ("accelerator", (CUSTOM,))
_MARKET = ("price_basis", tuple(basis for basis in PRICE_BASES if basis != TYPED))


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs(OwnMixture):
    precision: str = choice(
        "Weights", default="bf16", choices=PRECISIONS, group="Model",
        help="How weights are kept and multiplied. Embedding and output projection stay at 16 bits.")
    cache_precision: str = choice(
        "Key-value cache", default="bf16", choices=CACHE_PRECISIONS, group="Model",
        help="8 bits hold twice as many tokens.")
    accelerator: str = choice(
        "Accelerator", default="h100-sxm", choices=DEVICES, group="Devices",
        help="With memory, bandwidth, dense peaks, power and dated prices from the catalogue; or your own device.")
    peak_tflops: float = number(
        "16-bit peak of a device", default=100, low=1e-6, high=1e6, fixed=True, unit="TFLOP/s", group="Devices",
        when=_OWN_DEVICE, quantity="device_peak_tflops",
        help="Dense matrix products in 16 bits, or in what yours multiplies: a data sheet's figure, or one measured.")
    peak_8bit_tflops: float = number(
        "8-bit peak of a device", default=0, low=0, high=1e6, fixed=True, unit="TFLOP/s", group="Devices",
        when=_OWN_DEVICE, help="Dense matrix products in FP8; 0 where it has none.")
    device_memory: float = number(
        "Memory of a device", default=80, low=1e-3, high=1e6, fixed=True, unit="GiB", group="Devices",
        when=_OWN_DEVICE, quantity="device_memory_gib", help="As software sees it.")
    device_bandwidth: float = number(
        "Memory bandwidth", default=2_000, low=1e-3, high=1e7, fixed=True, unit="GB/s", group="Devices",
        when=_OWN_DEVICE, quantity="device_bandwidth_gbs", help="Of one device.")
    device_links: float = number(
        "Links of a device", default=600, low=1e-3, high=1e7, fixed=True, unit="GB/s", group="Devices",
        when=_OWN_DEVICE, help="To the other devices of its server, both directions together.")
    device_power: float = number(
        "Power of a device", default=300, low=0, high=1e6, fixed=True, unit="W", group="Devices", when=_OWN_DEVICE,
        quantity="device_power", help="Its thermal design power.")
    split: str = choice(
        "Devices of a replica", default=AUTOMATIC, choices=SPLITS, group="Devices", quantity="serve.devices",
        help="Up to 8 split every layer: more answer faster, and each serves less. Beyond 8, groups of them share the "
        "layers in turn, for models that one server does not hold.")
    network_gbs: float = number(
        "Network of a device", default=0, low=0, high=1e6, fixed=True, unit="GB/s", group="Devices",
        help="Between servers, one direction; for replicas of more than one. 0 takes what is usual, such as 50 GB/s "
        "(400 Gb/s) with H100.")
    engine: str = choice(
        "Engine", default="vllm", choices=ENGINES, group="Devices",
        help="The server, which differs in overheads and in how prompts delay answers.")
    spare: int = integer(
        "Spare replicas", default=0, low=0, high=10_000, fixed=True, group="Devices",
        help="Beyond what the peak needs, for failures and updates.")
    requests_per_day: float = number(
        "Requests a day", likely=(0.8e6, 1.25e6), low=1, high=1e12, unit="requests", group="Traffic", source=ASSUMED,
        help="Mean of a day in the first month.")
    peak_factor: float = number(
        "Peak over mean", likely=(1.5, 3), low=1, high=100, unit="×", group="Traffic", source=ASSUMED,
        help="Rate of the busiest time that must be served within the targets, over the mean of the day.")
    prompt: float = number(
        "Prompt", likely=(650, 1_000), low=1, high=10_000_000, unit="tokens", group="Traffic", source=ASSUMED,
        quantity="serve.prompt_tokens",
        help="Tokens in: mean of all requests, instructions and context included.")
    output: float = number(
        "Answer", likely=(240, 380), low=1, high=10_000_000, unit="tokens", group="Traffic", source=ASSUMED,
        quantity="serve.output_tokens",
        help="Tokens out: mean of all requests, reasoning included.")
    prompt_variation: float = number(
        "Variation of prompts", default=1, low=0, high=10, unit="%", group="Traffic", source=ASSUMED,
        help="Standard deviation of the lengths over their mean: 0% where all are alike, 100% for a wide mixture.")
    output_variation: float = number(
        "Variation of answers", default=0.6, low=0, high=10, unit="%", group="Traffic", source=ASSUMED,
        help="Standard deviation of the lengths over their mean.")
    cache_hits: float = number(
        "Prefix-cache hits", default=0, low=0, high=0.99, unit="%", group="Traffic", source=ASSUMED,
        help="Share of prompt tokens that an earlier request had in common and that need not be computed again.")
    growth: float = number(
        "Growth", likely=(0.02, 0.1), low=-0.5, high=2, unit="%/month", group="Traffic", source=ASSUMED,
        help="Of the requests, each month.")
    horizon: int = integer(
        "Horizon", default=12, low=1, high=60, fixed=True, unit="months", group="Traffic",
        help="Months that are shown.")
    first_target: float = number(
        "Until the first token", default=0.5, low=1e-3, high=3_600, unit="seconds", group="Targets", source=ASSUMED,
        help="Seconds that the percentile may take, without the network.")
    token_target: float = number(
        "Between tokens", default=0.05, low=1e-4, high=60, unit="seconds", group="Targets", source=ASSUMED,
        help="Seconds between two tokens of an answer that the percentile may take. 0.05 are 20 tokens a second.")
    percentile: float = number(
        "Percentile", default=0.95, low=0.5, high=0.999, fixed=True, unit="%", group="Targets",
        help="Share of the requests that keep the targets.")
    throughput: str = choice(
        "Throughput", default=ESTIMATED, choices=THROUGHPUTS, group="Targets",
        help="Estimated, or what a load test of one replica showed within your targets.")
    measured_speed: float = number(
        "Measured speed", default=5_000, low=1e-3, high=1e9, unit="tokens/s", group="Targets",
        when=("throughput", (MEASURED,)), quantity="serve.tokens_per_second",
        help="Tokens of answers a second of one replica, all its devices together, while the targets are kept.")
    error_basis: str = choice(
        "Error of the estimate", default=RUNS, choices=ERROR_BASES, group="Targets",
        help="How far off times are taken to be: as they were for published runs of dense models or of mixtures of "
        "experts, whichever yours is, or as you say.")
    error_position: float = number(
        "Place among published runs", likely=Range(0, 1, Family.UNIFORM), low=0, high=1, unit="%", group="Targets",
        when=("error_basis", (RUNS,)),
        source="Cross-validation: published runs, each of a model that the fit had not seen; every model counts alike",
        help="0% is the run that was fastest beside its estimate, 50% the middle one, 100% the slowest.")
    slower: float = number(
        "Measured over estimated time", default=1, low=0.05, high=20, unit="×", group="Targets",
        when=("error_basis", (TYPED,)), help="Factor on every time. 1 takes estimates as they are.")
    price_basis: str = choice(
        "Price basis", default="on_demand", choices=PRICE_BASES, group="Price",
        help="The newest offer of each seller in the catalogue, or your own price.")
    market_position: float = number(
        "Place in the market", likely=Range(0, 1, Family.UNIFORM), low=0, high=1, unit="%", group="Price", when=_MARKET,
        help="0% is the cheapest seller of the catalogue, 50% the middle one, 100% the dearest. Prices of one device "
        "differ several times between sellers on one day.")
    usd_per_device_hour: float = number(
        "Price of a device", likely=(2.0, 4.5), low=0, high=1e6, unit="USD/hour", group="Price",
        when=("price_basis", (TYPED,)), quantity="usd_per_device_hour",
        help="Rent, or cost of ownership, of one device for an hour.")
# fmt: on
