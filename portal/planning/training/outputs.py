"""What a training run comes to, with the formula or method of every number."""

from __future__ import annotations

from portal.planning.calculator import Output
from portal.planning.evidence.layouts import FRAGMENTATION

KAPLAN = "Kaplan et al. 2020, arXiv 2001.08361, table 1"
PALM = "PaLM, arXiv 2204.02311, appendix B"
MEGATRON = "Narayanan et al. 2021, arXiv 2104.04473"
ZERO = "ZeRO, arXiv 1910.02054, section 3.1 and figure 1"
KORTHIKANTI = "Korthikanti et al. 2022, arXiv 2205.05198"
CHINCHILLA = "Chinchilla, arXiv 2203.15556"
LLAMA3 = "Llama 3, arXiv 2407.21783, section 3.3.4: 419 unexpected interruptions in 54 days on 16,384 H100"

DALY = "Daly 2006, Future Generation Computer Systems 22:303, after Young 1974"
AI2 = "Morrison et al. 2025, arXiv 2503.05804"

SOURCES = (KAPLAN, PALM, MEGATRON, ZERO, KORTHIKANTI, CHINCHILLA, LLAMA3, DALY, AI2)

_PARTS = (
    "weights_memory", "gradients_memory", "optimizer_memory", "activations_memory", "logits_memory",
    "workspace_memory",
)  # fmt: skip
STEP_PARTS = ("step_compute", "step_communication", "step_bubble", "step_gradients", "step_waiting")
_SUM_OF_PARTS = " + ".join(f"{{{name}}}" for name in _PARTS)

OUTPUTS = {
    "days": Output(
        label="Days", unit="days", better="lower", headline=True,
        help="From the first step to the last, restarts and other overhead included.",
        formula="{compute_days} × {overhead_factor}",
    ),
    "cost": Output(
        label="Cost", unit="USD", better="lower", headline=True, quantity="training_cost",
        help="Rent of the devices for this run alone. Staff, storage and data come on top.",
        formula="{device_hours} × {price_of_device_hour}",
    ),
    "total_cost": Output(
        label="Cost with experiments", unit="USD", better="lower", headline=True,
        help="With trials, ablations and runs that were given up; without staff, storage and data.",
        formula="{cost} + {experiments_cost}",
    ),
    "experiments_cost": Output(
        label="Experiments and failed runs", unit="USD", better="lower", help="What is computed beside the final run.",
        formula="{cost} × {experiments}",
        source=AI2,
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
    "hardware_utilisation": Output(
        label="Hardware FLOPs utilisation", unit="%", better="higher",
        help="Share of the peak that a step sustains, recomputed work included (HFU).",
        method="{utilisation} as typed; or predicted: FLOPs of a step, recomputed ones included, over "
        "{predicted_step}, times {step_error} where that is asked for, and {cluster_peak}; as {utilisation_basis} "
        "says.",
        source=PALM,
    ),
    "model_utilisation": Output(
        label="Model FLOPs utilisation", unit="%", better="higher",
        help="Share of the peak that advances the model (MFU): recomputed work does not count.",
        formula="{hardware_utilisation} × {flops_per_token} ÷ ({flops_per_token} + {recomputed_flops_per_token})",
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
    "step_seconds": Output(
        label="Time of a step", unit="seconds", better="lower", help="One update of the weights.",
        formula="{global_batch} × {sequence_length} ÷ {tokens_per_second}",
    ),
    "predicted_step": Output(
        label="Predicted time of a step", unit="seconds", better="lower", help="Before its error is allowed for.",
        method="Products, memory traffic, messages, idle pipeline, gradients and waiting of the busiest device, by "
        "shape, layout and data sheet, at the speeds that published runs reached.",
        source="Evidence “Training throughput”",
    ),
    "step_compute": Output(
        label="Products and memory traffic", unit="%", better="lower",
        help="Matrix products, attention and what passes through memory, at the speeds that published runs reached.",
        method="Work of the busiest device by shape and layout over {device_peak} and memory bandwidth, each times the "
        "share of it that was fitted to published runs; as a share of {predicted_step}.",
        source="Evidence “Training throughput”",
    ),
    "step_communication": Output(
        label="Messages within the model", unit="%", better="lower",
        help="Of the tensor, context, expert and pipeline splits, as far as they do not hide.",
        method="Bytes sent by {tensor_split}, {context_split}, {expert_split} and {pipeline_split} over links and "
        "network, each times the fitted share; over {predicted_step}.",
        source=KORTHIKANTI,
    ),
    "step_bubble": Output(
        label="Idle pipeline in a step", unit="%", better="lower", help="Stages that wait for the others.",
        method="Working time of a stage × {bubble}, over {predicted_step}.",
        source=f"{MEGATRON}, section 2.2",
    ),
    "step_gradients": Output(
        label="Gradients and optimizer", unit="%", better="lower",
        help="Sums over all replicas and sharded weights, as far as they do not hide; and the update.",
        method="Bytes by {zero} and {replicas} over links and network, less what hides behind the backward pass; "
        "states through memory once; over {predicted_step}.",
        source=ZERO,
    ),
    "step_waiting": Output(
        label="Waiting for the host", unit="%", better="lower",
        help="Devices that are done before the host has started the next operation, and what every step takes.",
        method="A fitted time for each layer and message, where it is longer than the device's, over {predicted_step}.",
        source="Evidence “Training throughput”",
    ),
    "steps": Output(
        label="Steps", unit="", help="Updates of the weights.",
        formula="{tokens} ÷ ({global_batch} × {sequence_length})",
    ),
    "tensor_split": Output(
        label="Tensor split of the layout", unit="", help="Devices that share each matrix.",
        method="{tensor_parallel}, or of the fastest layout that fits, as {layout} says.",
    ),
    "context_split": Output(
        label="Context split of the layout", unit="", help="Devices that share each sequence.",
        method="{context_parallel}, or of the fastest layout that fits, as {layout} says.",
    ),
    "pipeline_split": Output(
        label="Pipeline split of the layout", unit="", help="Stages that share the layers.",
        method="{pipeline_parallel}, or of the fastest layout that fits, as {layout} says.",
    ),
    "expert_split": Output(
        label="Expert split of the layout", unit="", help="Devices that share out the experts of a layer.",
        method="{expert_parallel}, or of the fastest layout that fits, as {layout} says.",
    ),
    "replicas": Output(
        label="Copies of the model", unit="", help="Replicas that compute different sequences of a step.",
        formula="{devices} ÷ ({tensor_split} × {context_split} × {pipeline_split})",
    ),
    "sequences_at_a_time": Output(
        label="Micro-batch of the layout", unit="", help="Sequences that one replica computes at a time.",
        method="{micro_batch}, or of the fastest layout that fits, as {layout} says.",
    ),
    "micro_batches": Output(
        label="Micro-batches a step", unit="", help="What each replica computes one after another.",
        formula="{global_batch} ÷ ({sequences_at_a_time} × {replicas})",
    ),
    "parts_of_a_stage": Output(
        label="Interleaved parts of the layout", unit="", help="Parts of the model on each pipeline stage.",
        method="{virtual_stages}, or of the fastest layout that fits, as {layout} says.",
    ),
    "zero": Output(
        label="ZeRO stage of the layout", unit="", help="What is sharded over the replicas.",
        method="{zero_stage}, or of the fastest layout that fits, as {layout} says.",
    ),
    "bubble": Output(
        label="Idle pipeline", unit="%", better="lower",
        help="Idle over working time of a pipeline that fills and empties in every step. A typed utilisation must "
        "allow for it.",
        formula="({pipeline_split} − 1) ÷ ({parts_of_a_stage} × {micro_batches})",
        source=f"{MEGATRON}, section 2.2",
    ),
    "interruptions": Output(
        label="Expected interruptions", unit="", better="lower",
        help="Unexpected stops by failing devices, network or software.",
        formula="{device_hours} ÷ {hours_between_failures}",
        source=LLAMA3,
    ),
    "failure_interval": Output(
        label="Time between failures", unit="hours", better="higher", help="Of the whole cluster, in the mean.",
        formula="{hours_between_failures} ÷ {devices}",
    ),
    "checkpoint_size": Output(
        label="Checkpoint", unit="GB", better="lower", help="Weights and optimizer states, written for a restart.",
        method="Bytes of weight and states by {precision} and {optimizer}, 14 for AdamW in mixed precision, times "
        "{parameters}.",
        source=ZERO,
    ),
    "checkpoint_interval": Output(
        label="Best checkpoint interval", unit="minutes",
        help="Between two checkpoints: more often costs more writing, less often more lost work.",
        method="√(2 × time to write {checkpoint_size} at {storage_gbs} × {failure_interval}), with Daly's corrections.",
        source=DALY,
    ),
    "goodput": Output(
        label="Goodput", unit="%", better="higher",
        help="Share of the time that advances the run, when failures, lost work and checkpoints are taken off.",
        method="By {failure_interval}, {checkpoint_interval}, the time to write {checkpoint_size}, and "
        "{restart_minutes}: exact for failures at a constant rate.",
        source=DALY,
    ),
    "overhead_factor": Output(
        label="Whole time over full speed", unit="×", better="lower",
        help="Failures and all else that costs time. Below 1 where like runs did better than their predicted steps.",
        method="Of whole published runs over their predicted steps, by speed and number of devices, × {run_error}; or "
        "{overhead}, also ÷ {goodput} where failures are counted apart; as {utilisation_basis} and {overhead_basis} "
        "say.",
        source="Evidence “Training runs from start to end”",
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
        method="2 bytes a parameter in 16 bits, 4 in 32, divided by {tensor_split} and {pipeline_split}; from "
        "{zero} 3 also by {replicas}, with two layers gathered.",
        source=ZERO,
    ),
    "gradients_memory": Output(
        label="Gradients", unit="GiB", better="lower", help="As wide as the weights, or 32 bits.",
        method="2 or 4 bytes a parameter as {wide_gradients} says, divided like the weights; from {zero} 2 also "
        "by {replicas}, with one layer whole.",
        source=ZERO,
    ),
    "optimizer_memory": Output(
        label="Optimizer", unit="GiB", better="lower", help="Moments, and the 32-bit copy of 16-bit weights.",
        method="By {optimizer} and {precision}: 12 bytes a parameter for AdamW in mixed precision; from {zero} "
        "1 divided by {replicas}.",
        source=ZERO,
    ),
    "activations_memory": Output(
        label="Activations", unit="GiB", better="lower",
        help="What the backward pass needs of the forward pass, for all micro-batches in flight on the stage.",
        method="Bytes a token of every tensor that a layer keeps, by {recomputation} and {attention_kernel}, times "
        "{sequence_length}, {sequences_at_a_time}, layers and micro-batches in flight; divided by {tensor_split} and "
        "{context_split}. For a "
        "GPT layer 34 bytes for each token and unit of width.",
        source=f"{KORTHIKANTI}, sections 4 and 5",
    ),
    "logits_memory": Output(
        label="Logits", unit="GiB", better="lower",
        help="Scores of the whole vocabulary and their gradient. Zero where the first stage is fuller.",
        method="A fitted 5 bytes for each token of {sequences_at_a_time} × {sequence_length} and entry of the "
        "vocabulary, divided by {tensor_split} and {context_split}, and the inputs of the last norm and projection.",
        source="Evidence “Training memory”",
    ),
    "workspace_memory": Output(
        label="Working space", unit="GiB", better="lower",
        help="Gradients of the largest layer before they are added to the others; where gradients are sharded, part of "
        "them.",
        method="A fitted number of bytes for each parameter of the largest layer or the embedding, divided by "
        "{tensor_split}.",
        source="Evidence “Training memory”",
    ),
    "overhead_memory": Output(
        label="Framework and fragmentation", unit="GiB", better="lower", help="What no tensor accounts for.",
        formula=f"{{framework_memory}} + {FRAGMENTATION} × ({_SUM_OF_PARTS})",
    ),
    "memory": Output(
        label="Memory needed", unit="GiB", better="lower", help="On the fullest device.",
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
