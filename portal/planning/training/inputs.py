"""What a training run depends on. A measured job fills the fields that carry the name of a quantity."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import Family, Range, choice, flag, integer, number
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.edits import Live
from portal.planning.catalog.regions import REGIONS
from portal.planning.training.own_model import CUSTOM, OWN_MODEL, OwnMixture

TYPED = "typed"
AUTO = "auto"
RUNS, STEPS = "runs", "steps"
FAILURES = "failures"

# Measured over predicted hours of whole runs, and time of steps, 5th to 95th percentile over models that the prediction
# had not seen: tests compare them with the evidence ``training-runs`` and ``training-throughput``.
RUN_ERROR = (0.66, 1.52)
STEP_ERROR = (0.72, 1.52)

DEVICES = Live(
    lambda: {CUSTOM: "Custom device"} | {key: row.name for key, row in ACCELERATORS.items()}, ACCELERATORS.table
)
GRIDS = Live(lambda: {CUSTOM: "Custom intensity"} | {key: row.name for key, row in REGIONS.items()}, REGIONS.table)
PRECISIONS = {
    "bf16": "BF16 with a 32-bit master copy",
    "fp16": "FP16 with a 32-bit master copy",
    "fp8": "FP8 matrix products, weights kept as for BF16",
    "fp32": "FP32 throughout",
    "pure_bf16": "BF16 throughout, no master copy",
}
OPTIMIZERS = {
    "adamw": "AdamW",
    "adamw_8bit": "AdamW with 8-bit moments",
    "sgd_momentum": "SGD with momentum",
    "muon": "Muon",
    "adafactor": "Adafactor without momentum",
}
ZERO_STAGES = {
    "0": "0: every replica keeps everything",
    "1": "1: optimizer states are sharded",
    "2": "2: gradients are sharded too",
    "3": "3: weights are sharded too (fully sharded, FSDP)",
}
RECOMPUTATIONS = {
    "none": "None",
    "selective": "Attention scores only",
    "full": "Every layer",
}
KERNELS = {"flash": "Flash attention: scores are never stored", "standard": "Standard: scores are stored"}
LAYOUTS = {AUTO: "The fastest that fits", TYPED: "Splits that I type"}
SPEEDS = {
    RUNS: "Predicted, as whole published runs went",
    STEPS: "Predicted step, and lost time on top",
    TYPED: "A utilisation that I type or have measured, and lost time on top",
}
LOST_TIME = {FAILURES: "Failures and checkpoints, times the overhead", TYPED: "The overhead alone"}
SQUARES = {"causal": "The half that a causal kernel computes", "full": "The full square"}
PRICE_BASES = {
    "on_demand": "On demand, dated offers",
    "spot": "Spot, dated offers",
    "contract_1y": "One-year contract, market index",
    TYPED: "A price that I type",
}

_OWN_OVERHEAD = ("utilisation_basis", (STEPS, TYPED))
_OWN_LAYOUT = ("layout", (TYPED,))
_OWN_DEVICE = ("accelerator", (CUSTOM,))
_KNOWN_DEVICE = ("accelerator", ACCELERATORS)
_MARKET = ("price_basis", tuple(basis for basis in PRICE_BASES if basis != TYPED))


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs(OwnMixture):
    biases: bool = flag(
        "Biases and LayerNorm", default=False, group="Model", when=OWN_MODEL, quantity="arch.biases",
        help="As in GPT-2: a bias on every matrix and norm. Off for Llama and kin.")
    learned_positions: bool = flag(
        "Learned positions", default=False, group="Model", when=OWN_MODEL, quantity="arch.learned_positions",
        help="A table of positions as long as the sequence, as in GPT-2. Off for rotary positions.")
    shared_experts: int = integer(
        "Shared experts", default=0, low=0, high=10_000, fixed=True, group="Model", when=OWN_MODEL,
        help="Experts of the same width that every token passes. Counts only with experts.")
    window: int = integer(
        "Attention window", default=0, low=0, high=100_000_000, fixed=True, group="Model", when=OWN_MODEL,
        unit="tokens", help="Tokens that a layer with sliding-window attention looks back on; 0 for none.")
    windowed_layers: int = integer(
        "Layers with a window", default=0, low=0, high=2_000, fixed=True, group="Model", when=OWN_MODEL,
        help="The other layers see the whole sequence. Counts only with a window.")
    tokens: float = number(
        "Training tokens", default=15e12, low=1, high=1e17, unit="tokens", group="Data", quantity="train.tokens",
        source="Llama 3.1 model card: 15 trillion and more",
        help="Tokens seen in all, repeats included.")
    sequence_length: int = integer(
        "Sequence length", default=8_192, low=1, high=100_000_000, fixed=True, unit="tokens", group="Data",
        quantity="arch.seq", source="Llama 3, arXiv 2407.21783, section 3.4",
        help="Tokens of one training sequence.")
    global_batch: int = integer(
        "Batch", default=512, low=1, high=100_000_000, fixed=True, group="Data", quantity="train.global_batch",
        source="4 million tokens a step, as Llama 3 started with",
        help="Sequences of one step, over all devices.")
    accelerator: str = choice(
        "Accelerator", default="h100-sxm", choices=DEVICES, group="Cluster",
        help="With memory, dense peaks, power and dated prices from the catalogue; or your own device.")
    peak_tflops: float = number(
        "Peak of a device", default=100, low=1e-6, high=1e6, fixed=True, unit="TFLOP/s", group="Cluster",
        when=_OWN_DEVICE,
        quantity="device_peak_tflops",
        help="Dense matrix products at the precision used: a data sheet's figure, or one measured.")
    device_memory: float = number(
        "Memory of a device", default=80, low=1e-3, high=1e6, fixed=True, unit="GiB", group="Cluster",
        when=_OWN_DEVICE, quantity="device_memory_gib", help="As software sees it.")
    device_bandwidth: float = number(
        "Memory bandwidth", default=2_000, low=1e-3, high=1e7, fixed=True, unit="GB/s", group="Cluster",
        when=_OWN_DEVICE, help="Of one device.")
    device_links: float = number(
        "Links of a device", default=600, low=1e-3, high=1e7, fixed=True, unit="GB/s", group="Cluster",
        when=_OWN_DEVICE, help="To the other devices of its server, both directions together.")
    devices: int = integer(
        "Devices", default=256, low=1, high=10_000_000, fixed=True, unit="devices", group="Cluster",
        quantity="train.devices", help="Accelerators that train together.")
    node_devices: int = integer(
        "Devices of a server", default=0, low=0, high=10_000, fixed=True, unit="devices", group="Cluster",
        help="That fast links join. 0 takes what is usual: 8, or 72 with GB200 and GB300.")
    network_gbs: float = number(
        "Network of a device", default=0, low=0, high=1e6, fixed=True, unit="GB/s", group="Cluster",
        help="Between servers, one direction. 0 takes what is usual, such as 50 GB/s (400 Gb/s) with H100.")
    layout: str = choice(
        "Layout", default=AUTO, choices=LAYOUTS, group="Layout",
        help="How model and batch are spread over the devices: searched for, or as you type it.")
    tensor_parallel: int = integer(
        "Tensor split", default=1, low=1, high=10_000, fixed=True, group="Layout", when=_OWN_LAYOUT,
        quantity="train.tensor_parallel", help="Devices that share each matrix.")
    context_parallel: int = integer(
        "Context split", default=1, low=1, high=10_000, fixed=True, group="Layout", when=_OWN_LAYOUT,
        help="Devices that share each sequence.")
    pipeline_parallel: int = integer(
        "Pipeline split", default=1, low=1, high=10_000, fixed=True, group="Layout", when=_OWN_LAYOUT,
        quantity="train.pipeline_parallel", help="Stages that share the layers.")
    expert_parallel: int = integer(
        "Expert split", default=1, low=1, high=10_000, fixed=True, group="Layout", when=_OWN_LAYOUT,
        help="Devices that share out the experts of a layer; of those of the other splits, so it adds none.")
    data_parallel: int = integer(
        "Replicas", default=0, low=0, high=10_000_000, fixed=True, group="Layout", when=_OWN_LAYOUT,
        help="Data-parallel split: copies of the model. 0 takes what the other splits leave of the devices.")
    micro_batch: int = integer(
        "Micro-batch", default=1, low=1, high=1_000_000, fixed=True, group="Layout", when=_OWN_LAYOUT,
        quantity="train.micro_batch", help="Sequences that one replica computes at a time.")
    virtual_stages: int = integer(
        "Interleaved parts", default=1, low=1, high=1_000, fixed=True, group="Layout", when=_OWN_LAYOUT,
        help="Parts of the model on each pipeline stage: more idle less, and keep more activations.")
    zero_stage: str = choice(
        "ZeRO stage", default="3", choices=ZERO_STAGES, group="Layout", when=_OWN_LAYOUT,
        help="What is sharded over the replicas.")
    recomputation: str = choice(
        "Recomputation", default="none", choices=RECOMPUTATIONS, group="Layout", when=_OWN_LAYOUT,
        help="What is computed again in the backward pass instead of being kept: less memory, more work.")
    sequence_parallel: bool = flag(
        "Sequence parallelism", default=True, group="Layout", when=_OWN_LAYOUT,
        help="With a tensor split: norms and residual stream are split along the sequence.")
    precision: str = choice(
        "Precision", default="bf16", choices=PRECISIONS, group="Precision and memory", quantity="train.precision",
        help="What matrices are multiplied in.")
    optimizer: str = choice(
        "Optimizer", default="adamw", choices=OPTIMIZERS, group="Precision and memory",
        help="Decides what is kept for each parameter beside weight and gradient.")
    wide_gradients: bool = flag(
        "32-bit gradients", default=False, group="Precision and memory",
        help="Gradients accumulate in 32 bits: 18 instead of 16 bytes a parameter with AdamW, as in Megatron-LM.")
    attention_kernel: str = choice(
        "Attention kernel", default="flash", choices=KERNELS, group="Precision and memory",
        help="Whether the square of scores takes memory.")
    chunked_logits: bool = flag(
        "Logits in parts", default=False, group="Precision and memory",
        help="Scores of the vocabulary and the loss are made a part at a time and never stored.")
    framework_memory: float = number(
        "Framework memory", default=2.3, low=0, high=1e4, fixed=True, unit="GiB", group="Precision and memory",
        source="CUDA context 0.5 to 2 GiB, communication buffers 1 to 2 GiB: the middle",
        help="Memory of a device that is taken before the first tensor. 5% of the rest is added for fragmentation.")
    utilisation_basis: str = choice(
        "Speed", default=RUNS, choices=SPEEDS, group="Efficiency",
        help="How fast the run is: predicted from model, devices and layout by what published runs reached, or as you "
        "say.")
    run_error: float = number(
        "Error of the prediction", likely=RUN_ERROR, low=0.05, high=20, unit="×", group="Efficiency",
        when=("utilisation_basis", (RUNS,)),
        source="Cross-validation over 64 models: published over predicted hours of whole runs, without that model",
        help="Published over predicted device-hours of whole runs: like runs differ by a factor of two.")
    step_error: float = number(
        "Error of the predicted step", likely=STEP_ERROR, low=0.05, high=20, unit="×", group="Efficiency",
        when=("utilisation_basis", (STEPS,)),
        source="Cross-validation over 39 models: measured over predicted time of a step, without that model",
        help="Measured over predicted time of a step.")
    utilisation: float = number(
        "Utilisation", likely=(0.2, 0.7), low=1e-4, high=1, unit="%", group="Efficiency", quantity="utilisation",
        when=("utilisation_basis", (TYPED,)),
        source="65 published runs, 2020 to 2025: 8% to 63% of the peak from end to end, restarts included; median 30%",
        help="Share of the peak that a step sustains, recomputed work included (HFU). Without recomputation it is the "
        "model FLOPs utilisation (MFU). Idle time of the pipeline and communication are part of it.")
    attention_count: str = choice(
        "Attention counted as", default="causal", choices=SQUARES, group="Efficiency", quantity="train.attention_count",
        help="Must match the utilisation: PaLM and older Megatron figures count the full square of scores.")
    overhead_basis: str = choice(
        "Lost time", default=FAILURES, choices=LOST_TIME, group="Failures", when=_OWN_OVERHEAD,
        help="Whole time over time at full speed.")
    overhead: float = number(
        "Overhead", likely=Range(1.0, 2.3, Family.PERT, 1.1), low=1, high=100, unit="×", group="Failures",
        when=_OWN_OVERHEAD,
        source="Ten published runs: hours charged over hours at the reported speed, 1.0 to 2.3, median 1.25",
        help="Evaluation, slow nodes, steps run twice, waiting for people; and failures, unless counted apart.")
    hours_between_failures: float = number(
        "Device-hours between failures", likely=(20_000, 100_000), low=10, high=1e9, unit="hours", group="Failures",
        source="Llama 3, arXiv 2407.21783, section 3.3.4: 419 unexpected interruptions in 54 days on 16,384 H100, one "
        "for 50,677 device-hours",
        help="Of one device; a cluster fails as many times more often as it has devices.")
    restart_minutes: float = number(
        "Restart", likely=(5, 60), low=0, high=1e5, unit="minutes", group="Failures",
        source="Assumption: put in your own.",
        help="From a failure until training goes on: noticing it, replacing the node, loading the checkpoint.")
    storage_gbs: float = number(
        "Checkpoint bandwidth", likely=(5, 100), low=1e-3, high=1e6, unit="GB/s", group="Failures",
        source="Assumption: put in your own.",
        help="At which the whole cluster writes a checkpoint while training stands still.")
    experiments: float = number(
        "Experiments and failed runs", likely=(0.2, 1.0), low=0, high=100, unit="%", group="Price",
        source="Ai2 reports about half of the final runs on top (Morrison et al. 2025, arXiv 2503.05804)",
        help="Compute beside the final run, as a share of it: trials, ablations, runs that were given up.")
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
    device_power: float = number(
        "Power of a device", default=300, low=0, high=1e6, unit="W", group="Energy", when=_OWN_DEVICE,
        quantity="device_power", help="What it draws while training, its share of the machine included.")
    power_share: float = number(
        "Draw over design power", likely=(0.6, 0.9), low=0, high=2, unit="%", group="Energy", when=_KNOWN_DEVICE,
        source="Epoch AI, arXiv 2405.21015: 75% for GPUs in training",
        help="Mean draw of the device while training, as a share of its thermal design power.")
    server_factor: float = number(
        "Server over devices", likely=(1.4, 2.0), low=1, high=10, unit="×", group="Energy", when=_KNOWN_DEVICE,
        source="DGX H100 10.2 kW for 8 × 700 W: 1.82; DGX A100 6.5 kW for 8 × 400 W: 2.03, at full load",
        help="Power of the whole server over the power of its accelerators.")
    pue: float = number(
        "Power usage effectiveness", likely=(1.08, 1.35), low=1, high=5, unit="×", group="Energy",
        source="Hyperscale 1.1, others 1.25",
        help="Power at the meter over power of the machines: cooling and conversion.")
    region: str = choice(
        "Grid", default="usa", choices=GRIDS, group="Energy", help="Country whose mean carbon intensity counts.")
    carbon_intensity: float = number(
        "Carbon intensity", default=385, low=0, high=5_000, unit="g CO2e/kWh", group="Energy",
        when=("region", (CUSTOM,)), source="LLaMA, arXiv 2302.13971, section 6",
        help="CO2 equivalent for a kWh, mean of the year or contract.")
# fmt: on
