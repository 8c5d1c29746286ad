"""What a fine-tune comes to, with the formula or method of every number."""

from __future__ import annotations

from portal.planning.calculator import Output

LORA = "LoRA, arXiv 2106.09685"
QLORA = "QLoRA, arXiv 2305.14314"
DORA = "DoRA, arXiv 2402.09353"
IA3 = "(IA)³, arXiv 2205.05638"
HOULSBY = "Houlsby et al. 2019, arXiv 1902.00751"
KORTHIKANTI = "Korthikanti et al. 2022, arXiv 2205.05198"
LITGPT = "Lightning-AI/litgpt, resource tables and configurations"
TORCHTUNE = "pytorch/torchtune, README.md"
QWEN = "QwenLM/Qwen, README.md"
SWIFT = "modelscope/ms-swift, Benchmark.md"
NEMO = "NVIDIA NeMo, Megatron Bridge and Automodel performance summaries"

SOURCES = (LORA, QLORA, DORA, IA3, HOULSBY, KORTHIKANTI, LITGPT, TORCHTUNE, QWEN, SWIFT, NEMO)

_FITTED = "Coefficients fitted on published fine-tunes; see {memory_error}."

OUTPUTS = {
    "cost": Output(
        label="Cost", unit="USD", better="lower", headline=True, quantity="fine_tuning_cost",
        help="Rent of the devices for all runs. Data, staff and storage come on top.",
        formula="{device_hours} × {price_of_device_hour}",
    ),
    "hours": Output(
        label="Hours of a run", unit="hours", better="lower", headline=True,
        help="From start to end, evaluation and overhead included.",
        formula="{computed_tokens} ÷ {tokens_per_second} ÷ 3600 × {overhead}",
    ),
    "memory": Output(
        label="Memory needed", unit="GiB", better="lower", headline=True, help="On the fullest device, at the peak.",
        formula="{base_memory} + {adapters_memory} + {gradients_memory} + {optimizer_memory} + {activations_memory} + "
        "{logits_memory} + {temporary_memory} + {framework_memory}",
    ),
    "fits": Output(
        label="Fits into memory", unit="", boolean=True, better="higher", headline=True,
        help="The fullest device has room for the peak.", method="Yes when {memory} is at most {capacity}.",
    ),
    "trainable_parameters": Output(
        label="Trained parameters", unit="parameters", headline=True, help="What the optimizer changes.",
        method="By {method}: all weights; rank × (width in + width out) of each adapted matrix for LoRA, and its width "
        "out for DoRA; vectors for (IA)³; {rank} virtual tokens; two matrices and biases of each bottleneck.",
        source=f"{LORA}, section 4.1; {DORA}; {IA3}, section 3.3; {HOULSBY}, section 2.1",
    ),
    "tokens_per_second": Output(
        label="Tokens a second", unit="tokens/s", better="higher", headline=True,
        help="Computed by all devices together, padding included.",
        method="{micro_batch} × {sequence_length} ÷ {micro_batch_seconds}, on each of {devices} or on all together, as "
        "{sharding} says.",
    ),
    "device_hours": Output(
        label="Device-hours", unit="hours", better="lower", help="Of all devices and all runs.",
        formula="{hours} × {devices} × {trials}",
    ),
    "run_cost": Output(
        label="Cost of one run", unit="USD", better="lower", help="Without the experiments before it.",
        formula="{hours} × {devices} × {price_of_device_hour}",
    ),
    "cost_per_million_tokens": Output(
        label="Cost of a million tokens", unit="USD", better="lower",
        help="Of one run, for comparing with fine-tuning that is billed by the token.",
        formula="{run_cost} ÷ {training_tokens} × 10^6",
    ),
    "price_of_device_hour": Output(
        label="Price of a device-hour", unit="USD/hour", better="lower", help="What is paid for one device.",
        method="That place ({market_position}) among the dated offers of the catalogue for {accelerator}, one for each "
        "seller, interpolated; or {usd_per_device_hour}, as {price_basis} says.",
    ),
    "parameters": Output(
        label="Parameters", unit="parameters", help="Of the model without what is added.",
        method="Summed over the matrices and vectors of {architecture}.",
    ),
    "trainable_share": Output(
        label="Share trained", unit="%", help="Trained over all parameters, added ones included.",
        method="{trainable_parameters} over {parameters} and what the method adds to them.",
    ),
    "training_tokens": Output(
        label="Tokens trained on", unit="tokens", help="Of one run, repeats included.",
        formula="{examples} × (1 − {evaluation_share}) × {tokens_per_example} × {epochs}",
    ),
    "evaluation_tokens": Output(
        label="Tokens evaluated", unit="tokens", help="Of one run: forward only.",
        formula="{examples} × {evaluation_share} × {tokens_per_example} × {epochs}",
    ),
    "computed_tokens": Output(
        label="Tokens computed", unit="tokens", help="Those of evaluation by their share of the work, and padding.",
        formula="({training_tokens} + {evaluation_tokens} × {forward_flops_per_token} ÷ {flops_per_token}) ÷ (1 − "
        "{padding})",
    ),
    "updates": Output(
        label="Updates", unit="steps", help="Steps of the optimizer in one run.",
        method="{training_tokens} with {padding}, over the tokens of {accumulation} micro-batches on every device that "
        "has its own.",
    ),
    "flops_per_token": Output(
        label="FLOPs of a token", unit="FLOP", help="Forward, backward and what is computed again.",
        method="2 for each weight forward and 2 backward; 2 more for a weight that is trained, 2 again where "
        "{checkpointing} recomputes it; attention over half of the square. About 4 N for adapters, 6 N in full.",
        source="Kaplan et al. 2020, arXiv 2001.08361, table 1",
    ),
    "forward_flops_per_token": Output(
        label="FLOPs of an evaluated token", unit="FLOP", help="Forward only.",
        method="2 for each weight of {architecture} that a token is multiplied with, and attention.",
    ),
    "total_flops": Output(
        label="FLOPs of a run", unit="FLOP", help="Recomputed work included.",
        formula="{flops_per_token} × {computed_tokens}",
    ),
    "micro_batch_seconds": Output(
        label="Time of a micro-batch", unit="seconds", better="lower",
        help="On a device, or on all that share it.",
        method="By {speed_basis}. Predicted: work at the share of the peak that matrix products reach, traffic of "
        "activations, unpacking of quantised weights; not less than the time to start the kernels; then gathering of "
        "shards, offloading and the update, times {time_error}.",
        source="Coefficients of the family finetune-speed",
    ),
    "device_peak": Output(
        label="Peak of a device", unit="TFLOP/s", better="higher",
        help="Dense, at the precision used. Sheets that print twice as much mean sparse matrices.",
        method="From the catalogue for {accelerator} at {compute_in}; of a custom device, {peak_tflops}.",
    ),
    "reached": Output(
        label="Utilisation reached", unit="%", better="higher",
        help="Share of the peak, recomputed work included (HFU).",
        formula="{flops_per_token} × {tokens_per_second} ÷ ({device_peak} × 10^12 × {devices})",
    ),
    "base_memory": Output(
        label="Weights of the model", unit="GiB", better="lower", help="Frozen or not, gathered shards included.",
        method="By {storage}: 2 bytes a parameter in 16 bits, 0.56 as NormalFloat, 0.52 with constants quantised, on "
        "the matrices of the layers; the rest in 16 bits, or 32 as {wide_rest} says; spread as {sharding} says.",
        source=f"{QLORA}, section 3",
    ),
    "adapters_memory": Output(
        label="Added weights", unit="GiB", better="lower", help="Adapters and copies that are trained.",
        method="2 or 4 bytes of each of the {trainable_parameters} that the method adds, as {trainable} says.",
    ),
    "gradients_memory": Output(
        label="Gradients", unit="GiB", better="lower", help="At the fullest moment.",
        method="2 or 4 bytes of each of the {trainable_parameters}; with {in_backward} those of the largest piece. "
        "Zero when the forward pass of a single micro-batch is the fullest moment.",
    ),
    "optimizer_memory": Output(
        label="Optimizer", unit="GiB", better="lower", help="Moments, and the 32-bit copy of 16-bit weights.",
        method="By {optimizer} and {trainable}: 4 to 12 bytes of each of the {trainable_parameters}; zero with "
        "{offload}.",
    ),
    "activations_memory": Output(
        label="Activations", unit="GiB", better="lower", help="What the backward pass needs of the layers.",
        method="Tensors that a layer keeps; the input of a frozen matrix only where an adapter reads it. With "
        "{checkpointing} the inputs of the layers and one whole layer. " + _FITTED,
        source=f"{KORTHIKANTI}, section 4.1; coefficients of the family finetune-memory",
    ),
    "logits_memory": Output(
        label="Logits", unit="GiB", better="lower", help="Scores of the whole vocabulary, and what the loss makes of "
        "them.",
        method="Tokens of a micro-batch × vocabulary × bytes by {loss}. " + _FITTED,
    ),
    "temporary_memory": Output(
        label="Temporary copies", unit="GiB", better="lower", help="Of the update, where it is the fullest moment.",
        method="A copy of each of the {trainable_parameters} unless {fused}.",
    ),
    "framework_memory": Output(
        label="Framework and allocator", unit="GiB", better="lower", help="What no tensor accounts for.",
        method="A constant, and a share of the other parts that the allocator holds on top. " + _FITTED,
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

MEMORY_PARTS = tuple(
    f"{part}_memory"
    for part in ("base", "adapters", "gradients", "optimizer", "activations", "logits", "temporary", "framework")
)
