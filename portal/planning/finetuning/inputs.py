"""What a fine-tune depends on. A measured job fills the fields that carry the name of a quantity."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import Family, Range, choice, flag, integer, number
from portal.planning.finetuning.evidence import factors
from portal.planning.training.inputs import DEVICES, PRICE_BASES, TYPED
from portal.planning.training.own_model import CUSTOM, OWN_MODEL, OwnModel

METHODS = {
    "full": "Full: every weight",
    "lora": "LoRA: low-rank adapters",
    "dora": "DoRA: low-rank adapters and magnitudes",
    "ia3": "(IA)³: scales of keys, values and inner width",
    "prompt": "Prompt tuning: virtual tokens at the input",
    "prefix": "Prefix tuning: virtual keys and values in every layer",
    "adapter": "Bottleneck adapters",
    "head": "The output projection alone",
}
STORAGES = {
    "bf16": "16 bits",
    "int8": "8-bit integers (LLM.int8)",
    "nf4": "4-bit NormalFloat (QLoRA)",
    "nf4_dq": "4-bit NormalFloat, constants quantised too (QLoRA)",
    "int4": "4-bit integers (GPTQ)",
}
TRAINABLES = {
    "bf16": "16 bits throughout: 8 bytes a parameter",
    "wide": "32-bit weights and moments: 16 bytes a parameter",
}
LOSSES = {
    "wide": "Whole, in 32 bits",
    "narrow": "Whole, in 16 bits",
    "chunked": "In pieces",
}
OPTIMIZERS = {"adamw": "AdamW", "adamw_8bit": "AdamW with 8-bit moments"}
OFFLOADS = {
    "none": "Nothing",
    "optimizer": "Optimizer states",
    "all": "Weights, gradients and optimizer states",
}
SHARDINGS = {
    "replicas": "Each device has the whole model",
    "fsdp": "Fully sharded (FSDP 2, ZeRO stage 3)",
    "flat": "Fully sharded, flat parameters (FSDP 1): frozen weights get gradients",
    "split": "Tensor and pipeline split",
}
# Whose devices have kernels for quantised weights, in bitsandbytes or GPTQ libraries.
QUANTISING = ("NVIDIA", "AMD", "Intel")
COMPUTES = {"bf16": "BF16 or FP16", "fp8": "FP8 matrix products"}
SPEEDS = {
    "predicted": "Predicted from work, traffic and latency",
    "utilisation": "A utilisation that I type or measured",
    TYPED: "Tokens a second that I type or measured",
}

_OWN_DEVICE = ("accelerator", (CUSTOM,))
_LOW_RANK = ("method", ("lora", "dora"))
_WITH_RANK = ("method", ("lora", "dora", "prompt", "prefix", "adapter"))
_MARKET = ("price_basis", tuple(basis for basis in PRICE_BASES if basis != TYPED))
_SCORED = "Cross-validated on published fine-tunes: 80% of models that the fit has not seen lie within"


def _error(family: str) -> Range:
    """Factors around 1 within which 80% of new models lie, as the 5th and 95th percentile of a log-normal range."""
    low, high = factors(family)
    # 1.645 and 1.282 standard deviations hold 90% and 80%.
    away = round((high / low) ** (1.283 / 2), 3)
    return Range(round(1 / away, 3), away, Family.LOGNORMAL)


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs(OwnModel):
    biases: bool = flag(
        "Biases and LayerNorm", default=False, group="Model", when=OWN_MODEL, quantity="arch.biases",
        help="As in GPT-2: a bias on every matrix and norm. Off for Llama and kin.")
    method: str = choice(
        "Method", default="lora", choices=METHODS, group="Method", help="What is trained; the rest stays frozen.")
    rank: int = integer(
        "Rank or width", default=16, low=1, high=100_000, fixed=True, group="Method", when=_WITH_RANK,
        source="Assumption: put in your own.",
        help="Rank of low-rank adapters, width of bottlenecks, or number of virtual tokens.")
    target_query: bool = flag(
        "Adapt queries", default=True, group="Method", when=_LOW_RANK, help="An adapter on the projection to queries.")
    target_key: bool = flag(
        "Adapt keys", default=True, group="Method", when=_LOW_RANK, help="An adapter on the projection to keys.")
    target_value: bool = flag(
        "Adapt values", default=True, group="Method", when=_LOW_RANK, help="An adapter on the projection to values.")
    target_output: bool = flag(
        "Adapt attention output", default=True, group="Method", when=_LOW_RANK,
        help="An adapter on the projection behind attention.")
    target_gate: bool = flag(
        "Adapt gate", default=True, group="Method", when=_LOW_RANK,
        help="An adapter on the gate of the feed-forward block, where it has one.")
    target_up: bool = flag(
        "Adapt up", default=True, group="Method", when=_LOW_RANK, help="An adapter on the way up to the inner width.")
    target_down: bool = flag(
        "Adapt down", default=True, group="Method", when=_LOW_RANK,
        help="An adapter on the way down from the inner width.")
    target_head: bool = flag(
        "Adapt output projection", default=False, group="Method", when=_LOW_RANK,
        help="An adapter on the projection to the vocabulary.")
    whole_embedding: bool = flag(
        "Train embedding in full", default=False, group="Method", when=_LOW_RANK,
        help="Embedding and output projection are trained in full beside the adapters, as new special tokens need it.")
    blocks: int = integer(
        "Adapters of a layer", default=2, low=1, high=2, fixed=True, group="Method", when=("method", ("adapter",)),
        source="Houlsby et al. 2019, arXiv 1902.00751: one behind attention, one behind the feed-forward block",
        help="Bottlenecks that are put into each layer.")
    storage: str = choice(
        "Frozen weights in", default="bf16", choices=STORAGES, group="Method",
        help="How the matrices of the layers are kept. Quantised ones are unpacked in every pass, which takes time.")
    quantised_head: bool = flag(
        "Quantise output projection", default=False, group="Method",
        help="The output projection is quantised like the layers; most libraries leave it in 16 bits.")
    wide_rest: bool = flag(
        "Rest in 32 bits", default=False, group="Method",
        help="Embedding, output projection and norms are turned to 32 bits, as the PEFT library does when it prepares "
        "a quantised model.")
    trainable: str = choice(
        "What is trained in", default="wide", choices=TRAINABLES, group="Method",
        help="Bytes of weight, gradient and optimizer states of each trained parameter.")
    dropout: bool = flag(
        "Dropout on adapters", default=False, group="Method", when=_LOW_RANK,
        help="Each target keeps a copy of its own of what it reads.")
    examples: float = number(
        "Examples", default=10_000, low=1, high=1e12, group="Data", source="Assumption: put in your own.",
        help="All that there are, those for evaluation included.")
    tokens_per_example: float = number(
        "Tokens of an example", likely=(200, 800), low=1, high=1e8, unit="tokens", group="Data",
        source="Assumption: put in your own.", help="Prompt and answer together, on average.")
    epochs: float = number(
        "Epochs", default=3, low=0.01, high=1_000, group="Data", source="Assumption: put in your own.",
        help="How often each example is trained on.")
    evaluation_share: float = number(
        "Share for evaluation", default=0.05, low=0, high=0.9, unit="%", group="Data",
        source="Assumption: put in your own.",
        help="Examples that are not trained on, and run forward once an epoch.")
    padding: float = number(
        "Padding", default=0, low=0, high=0.99, unit="%", group="Data", source="Packed sequences have next to none",
        help="Share of what is computed that is padding: 0 where examples are packed into full sequences.")
    trials: int = integer(
        "Runs in all", likely=(2, 10), low=1, high=10_000, group="Data",
        source="Assumption: put in your own.",
        help="Experiments with data and settings before the run that is kept, that one included.")
    sequence_length: int = integer(
        "Sequence length", default=2_048, low=1, high=100_000_000, fixed=True, unit="tokens", group="Batch",
        quantity="arch.seq", help="Tokens of a sequence: what is packed, or the longest example.")
    micro_batch: int = integer(
        "Micro-batch", default=2, low=1, high=1_000_000, fixed=True, group="Batch", quantity="train.micro_batch",
        help="Sequences that a device computes at a time.")
    accumulation: int = integer(
        "Gradient accumulation", default=4, low=1, high=1_000_000, fixed=True, group="Batch",
        help="Micro-batches between two updates.")
    checkpointing: bool = flag(
        "Recompute layers", default=True, group="Levers",
        help="Activation checkpointing: layers are computed again in the backward pass instead of being kept.")
    offloaded_activations: bool = flag(
        "Offload activations", default=False, group="Levers",
        help="What recomputation starts from waits in the memory of the host.")
    compiled: bool = flag(
        "Compile", default=True, group="Levers", help="Fused kernels: fewer bytes kept and moved.")
    loss: str = choice(
        "Loss computed", default="wide", choices=LOSSES, group="Levers",
        help="Logits of a large vocabulary take gigabytes where they are there all at once.")
    optimizer: str = choice(
        "Optimizer", default="adamw", choices=OPTIMIZERS, group="Levers",
        help="Decides what is kept for each trained parameter beside weight and gradient.")
    in_backward: bool = flag(
        "Update in backward pass", default=False, group="Levers",
        help="Each weight is updated as soon as its gradient is there, so that gradients are never there together.")
    fused: bool = flag(
        "Fused update", default=True, group="Levers",
        help="Without it the update makes temporary copies of what is trained.")
    offload: str = choice(
        "Offload to the host", default="none", choices=OFFLOADS, group="Levers",
        help="What waits in the memory of the host and comes over PCI Express.")
    accelerator: str = choice(
        "Accelerator", default="h100-sxm", choices=DEVICES, group="Cluster",
        help="With memory, bandwidth, dense peaks and dated prices from the catalogue; or your own device.")
    peak_tflops: float = number(
        "Peak of a device", default=100, low=1e-6, high=1e6, unit="TFLOP/s", group="Cluster", when=_OWN_DEVICE,
        quantity="device_peak_tflops",
        help="Dense matrix products at the precision used: a data sheet's figure, or one measured.")
    device_memory: float = number(
        "Memory of a device", default=80, low=1e-3, high=1e6, unit="GiB", group="Cluster", when=_OWN_DEVICE,
        quantity="device_memory_gib", help="As software sees it.")
    device_bandwidth: float = number(
        "Memory bandwidth", default=1_000, low=1e-3, high=1e6, unit="GB/s", group="Cluster", when=_OWN_DEVICE,
        help="Between the device and its own memory.")
    device_link: float = number(
        "Links of a device", default=64, low=1e-3, high=1e6, unit="GB/s", group="Cluster", when=_OWN_DEVICE,
        help="To other devices, both directions together.")
    devices: int = integer(
        "Devices", default=1, low=1, high=100_000, fixed=True, unit="devices", group="Cluster",
        quantity="train.devices", help="Accelerators that train together.")
    sharding: str = choice(
        "Spread over devices", default="fsdp", choices=SHARDINGS, group="Cluster",
        help="What each of several devices holds. Means nothing for one.")
    compute_in: str = choice(
        "Matrix products in", default="bf16", choices=COMPUTES, group="Cluster",
        help="FP8 needs a device that has it, and doubles its peak.")
    speed_basis: str = choice(
        "Speed", default="predicted", choices=SPEEDS, group="Speed",
        help="Where the time of a step comes from.")
    utilisation: float = number(
        "Utilisation", likely=(0.14, 0.62), low=1e-4, high=1, unit="%", group="Speed", quantity="utilisation",
        when=("speed_basis", ("utilisation",)),
        source="Published fine-tunes: a quarter reach less than 14% of the peak, a tenth more than 62%",
        help="Share of the peak that a step sustains, recomputed work included (HFU).")
    tokens_per_second_typed: float = number(
        "Tokens a second of a device", default=3_000, low=1e-6, high=1e9, unit="tokens/s", group="Speed",
        when=("speed_basis", (TYPED,)), source="Assumption: put in your own.",
        help="Computed tokens, padding included, over the devices that share them.")
    time_error: float = number(
        "Time over prediction", likely=_error("finetune-speed"), low=0.05, high=20, unit="×", group="Speed",
        when=("speed_basis", ("predicted",)), source=_SCORED,
        help="How far a new model's time may lie from the prediction.")
    memory_error: float = number(
        "Memory over prediction", likely=_error("finetune-memory"), low=0.2, high=5, unit="×", group="Speed",
        source=_SCORED, help="How far a new model's peak may lie from the prediction.")
    overhead: float = number(
        "Overhead", likely=Range(1.02, 1.5, Family.PERT, 1.1), low=1, high=100, unit="×", group="Speed",
        source="Assumption: put in your own.",
        help="Whole time over time of steps: loading, compiling, checkpoints, a start that failed.")
    price_basis: str = choice(
        "Price basis", default="on_demand", choices=PRICE_BASES, group="Price",
        help="The newest offer of each seller in the catalogue, or your own price.")
    market_position: float = number(
        "Place in the market", likely=Range(0, 1, Family.UNIFORM), low=0, high=1, unit="%", group="Price",
        when=_MARKET,
        help="0% is the cheapest seller of the catalogue, 50% the middle one, 100% the dearest. Prices of one device "
        "differ several times between sellers on one day.")
    usd_per_device_hour: float = number(
        "Price of a device", likely=(2.0, 4.5), low=0, high=1e6, unit="USD/hour", group="Price",
        when=("price_basis", (TYPED,)), quantity="usd_per_device_hour",
        help="Rent, or cost of ownership, of one device for an hour.")
# fmt: on
