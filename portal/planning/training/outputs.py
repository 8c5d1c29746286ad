"""What a training run comes to, with the formula or method of every number."""

from __future__ import annotations

from portal.planning.calculator import Output
from portal.planning.compute.time import HOURS_PER_INTERRUPTION
from portal.planning.training.calculation import FRAGMENTATION

KAPLAN = "Kaplan et al. 2020, arXiv 2001.08361, table 1"
PALM = "PaLM, arXiv 2204.02311, appendix B"
MEGATRON = "Narayanan et al. 2021, arXiv 2104.04473"
ZERO = "ZeRO, arXiv 1910.02054, section 3.1 and figure 1"
KORTHIKANTI = "Korthikanti et al. 2022, arXiv 2205.05198"
CHINCHILLA = "Chinchilla, arXiv 2203.15556"
LLAMA3 = "Llama 3, arXiv 2407.21783, section 3.3.4: 419 unexpected interruptions in 54 days on 16,384 H100"

SOURCES = (KAPLAN, PALM, MEGATRON, ZERO, KORTHIKANTI, CHINCHILLA, LLAMA3)

_PARTS = ("weights_memory", "gradients_memory", "optimizer_memory", "activations_memory", "logits_memory")
_SUM_OF_PARTS = " + ".join(f"{{{name}}}" for name in _PARTS)

OUTPUTS = {
    "days": Output(
        label="Days", unit="days", better="lower", headline=True,
        help="From the first step to the last, restarts and other overhead included.",
        formula="{compute_days} × {overhead}",
    ),
    "cost": Output(
        label="Cost", unit="USD", better="lower", headline=True, quantity="training_cost",
        help="Rent of the devices for this run. Failed experiments, staff, storage and data come on top.",
        formula="{device_hours} × {price_of_device_hour}",
    ),
    "device_hours": Output(
        label="Device-hours", unit="hours", better="lower", headline=True, quantity="train.device_hours",
        help="Hours of all devices together.",
        formula="{days} × 24 × {devices}",
    ),
    "fits": Output(
        label="Fits into memory", unit="", boolean=True, better="higher", headline=True,
        help="The fullest device has room for all that training keeps.",
        method="Yes when {memory} is at most {capacity}.",
    ),
    "parameters": Output(
        label="Parameters", unit="parameters", headline=True,
        help="Every weight, bias and norm, counted from the sizes.",
        method="Summed over the matrices and vectors of {architecture}.",
        source=f"{MEGATRON}, equation 2, for GPT; published configurations for the rest, whose counts it meets exactly",
    ),
    "active_parameters": Output(
        label="Active parameters", unit="parameters",
        help="Those that a token uses: all of a dense model; of a mixture of experts, the chosen experts only.",
        method="{parameters} without the experts that a token does not pass.",
    ),
    "tokens_per_parameter": Output(
        label="Tokens a parameter", unit="",
        help="About 20 train best for their compute; more costs more now and makes a smaller model to serve.",
        formula="{tokens} ÷ {active_parameters}",
        source=CHINCHILLA,
    ),
    "matmul_flops_per_token": Output(
        label="FLOPs of a token for weights", unit="FLOP",
        help="Two forward and four backward for each weight that a token is multiplied with. Looking a token up in "
        "the embedding multiplies nothing.",
        method="6 for each of the {active_parameters} that stands in a matrix, without the embedding unless it is "
        "tied.",
        source=KAPLAN,
    ),
    "attention_flops_per_token": Output(
        label="FLOPs of a token for attention", unit="FLOP",
        help="Scores and weighted sums over the tokens before, forward and backward. Grows with the sequence.",
        method="12 × layers × heads × head width × {sequence_length} for the full square of scores, half of that for a "
        "causal kernel, as {attention_count} says.",
        source=PALM,
    ),
    "flops_per_token": Output(
        label="FLOPs of a token", unit="FLOP", quantity="train.flops_per_token",
        help="Forward and backward, without anything computed twice.",
        formula="{matmul_flops_per_token} + {attention_flops_per_token}",
    ),
    "recomputed_flops_per_token": Output(
        label="Recomputed FLOPs of a token", unit="FLOP",
        help="Work that recomputation does again in the backward pass.",
        method="By {recomputation}: the forward pass of all layers, of attention scores and sums only, or nothing.",
        source=f"{KORTHIKANTI}, section 5",
    ),
    "matmul_flops": Output(
        label="FLOPs for weights", unit="FLOP", help="Of the whole run, for products with weights.",
        formula="{matmul_flops_per_token} × {tokens}",
    ),
    "attention_flops": Output(
        label="FLOPs for attention", unit="FLOP", help="Of the whole run, for scores and weighted sums.",
        formula="{attention_flops_per_token} × {tokens}",
    ),
    "total_flops": Output(
        label="Training FLOPs", unit="FLOP", headline=True, help="Model FLOPs of the whole run.",
        formula="{matmul_flops} + {attention_flops}",
    ),
    "rule_of_thumb_flops": Output(
        label="Rule of thumb 6 N D", unit="FLOP",
        help="For comparison: counts the embedding as work and leaves attention out.",
        formula="6 × {active_parameters} × {tokens}",
        source=KAPLAN,
    ),
    "device_peak": Output(
        label="Peak of a device", unit="TFLOP/s", better="higher",
        help="Dense, at the precision used. Sheets that print twice as much mean sparse matrices.",
        method="From the catalogue for {accelerator} at {precision}; of a custom device, {peak_tflops}.",
    ),
    "cluster_peak": Output(
        label="Peak of the cluster", unit="FLOP/s", better="higher", help="All devices at their peak.",
        formula="{devices} × {device_peak} × 10^12",
    ),
    "model_utilisation": Output(
        label="Model FLOPs utilisation", unit="%", better="higher",
        help="Share of the peak that advances the model (MFU): recomputed work does not count.",
        formula="{utilisation} × {flops_per_token} ÷ ({flops_per_token} + {recomputed_flops_per_token})",
        source=PALM,
    ),
    "effective_flops": Output(
        label="Speed", unit="FLOP/s", better="higher", help="Model FLOP/s of the whole cluster.",
        formula="{cluster_peak} × {model_utilisation}",
    ),
    "tokens_per_second": Output(
        label="Tokens a second", unit="tokens/s", better="higher", headline=True, help="Of the whole cluster.",
        formula="{effective_flops} ÷ {flops_per_token}",
    ),
    "compute_days": Output(
        label="Days at full speed", unit="days", better="lower", help="Without restarts and other overhead.",
        formula="{tokens} ÷ {tokens_per_second} ÷ 86400",
    ),
    "steps": Output(
        label="Steps", unit="", help="Updates of the weights.",
        formula="{tokens} ÷ ({global_batch} × {sequence_length})",
    ),
    "replicas": Output(
        label="Copies of the model", unit="", help="Replicas that compute different sequences of a step.",
        method="{data_parallel}, or when that is 0, {devices} divided by {tensor_parallel} and {pipeline_parallel}.",
    ),
    "micro_batches": Output(
        label="Micro-batches a step", unit="", help="What each replica computes one after another.",
        formula="{global_batch} ÷ ({micro_batch} × {replicas})",
    ),
    "bubble": Output(
        label="Idle pipeline", unit="%", better="lower",
        help="Idle over working time of a pipeline that fills and empties in every step. Not added to the time: the "
        "utilisation must allow for it.",
        formula="({pipeline_parallel} − 1) ÷ ({virtual_stages} × {micro_batches})",
        source=f"{MEGATRON}, section 2.2",
    ),
    "interruptions": Output(
        label="Expected interruptions", unit="", better="lower",
        help="Unexpected stops by failing devices, network or software; one for 50,677 device-hours of H100.",
        formula=f"{{device_hours}} ÷ {HOURS_PER_INTERRUPTION}",
        source=LLAMA3,
    ),
    "price_of_device_hour": Output(
        label="Price of a device-hour", unit="USD/hour", better="lower", help="What is paid for one device.",
        method="That place ({market_position}) among the dated offers of the catalogue for {accelerator}, one for each "
        "seller, interpolated; or {usd_per_device_hour}, as {price_basis} says.",
    ),
    "cost_per_billion_tokens": Output(
        label="Cost of a billion tokens", unit="USD", better="lower", help="For comparing runs of one model.",
        formula="{cost} ÷ {tokens} × 10^9",
    ),
    "device_watts": Output(
        label="Power of a device", unit="W", better="lower",
        help="With its share of the server, while training; without cooling.",
        method="Design power of {accelerator} × {power_share} × {server_factor}; of a custom device, {device_power}.",
    ),
    "energy": Output(
        label="Energy", unit="kWh", better="lower", help="At the meter.",
        formula="{device_watts} × {device_hours} × {pue} ÷ 1000",
    ),
    "grid_intensity": Output(
        label="Carbon intensity", unit="g CO2e/kWh", better="lower", help="Mean of the grid in a year.",
        method="From the catalogue for {region}, or {carbon_intensity}.",
    ),
    "carbon": Output(
        label="Carbon", unit="kg CO2e", better="lower", help="By location, without making of the hardware.",
        formula="{energy} × {grid_intensity} ÷ 1000",
    ),
    "weights_memory": Output(
        label="Weights", unit="GiB", better="lower", help="What matrices multiply with, gathered shards included.",
        method="2 bytes a parameter in 16 bits, 4 in 32, divided by {tensor_parallel} and {pipeline_parallel}; from "
        "{zero_stage} 3 also by {replicas}, with two layers gathered.",
        source=ZERO,
    ),
    "gradients_memory": Output(
        label="Gradients", unit="GiB", better="lower", help="As wide as the weights, or 32 bits.",
        method="2 or 4 bytes a parameter as {wide_gradients} says, divided like the weights; from {zero_stage} 2 also "
        "by {replicas}, with one layer whole.",
        source=ZERO,
    ),
    "optimizer_memory": Output(
        label="Optimizer", unit="GiB", better="lower", help="Moments, and the 32-bit copy of 16-bit weights.",
        method="By {optimizer} and {precision}: 12 bytes a parameter for AdamW in mixed precision; from {zero_stage} "
        "1 divided by {replicas}.",
        source=ZERO,
    ),
    "activations_memory": Output(
        label="Activations", unit="GiB", better="lower",
        help="What the backward pass needs of the forward pass, for all micro-batches in flight on the stage.",
        method="Bytes a token of every tensor that a layer keeps, by {recomputation} and {attention_kernel}, times "
        "{sequence_length}, {micro_batch}, layers and micro-batches in flight; divided by {tensor_parallel}. For a "
        "GPT layer 34 bytes for each token and unit of width.",
        source=f"{KORTHIKANTI}, sections 4 and 5",
    ),
    "logits_memory": Output(
        label="Logits", unit="GiB", better="lower",
        help="Scores of the whole vocabulary and their gradient, in 32 bits. Zero where the first stage is fuller.",
        method="8 bytes for each token of {micro_batch} × {sequence_length} and entry of the vocabulary, divided by "
        "{tensor_parallel}, and the inputs of the last norm and projection.",
    ),
    "overhead_memory": Output(
        label="Framework and fragmentation", unit="GiB", better="lower", help="What no tensor accounts for.",
        formula=f"{{framework_memory}} + {FRAGMENTATION} × ({_SUM_OF_PARTS})",
    ),
    "memory": Output(
        label="Memory needed", unit="GiB", better="lower", headline=True, help="On the fullest device.",
        formula=f"{_SUM_OF_PARTS} + {{overhead_memory}}",
    ),
    "capacity": Output(
        label="Memory of a device", unit="GiB", better="higher",
        help="As software sees it where that is known, else as sold.",
        method="From the catalogue for {accelerator}; of a custom device, {device_memory}.",
    ),
    "headroom": Output(
        label="Memory left", unit="GiB", better="higher", help="Negative when it does not fit.",
        formula="{capacity} − {memory}",
    ),
}  # fmt: skip

MEMORY_PARTS = (*_PARTS, "overhead_memory")
