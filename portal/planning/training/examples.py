"""Worked cases: published figures that the calculator must meet, each within the tolerance that its source allows."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Example

# Splits, utilisation and overhead as a source gives them
GIVEN: dict[str, Any] = {"layout": "typed", "utilisation_basis": "typed", "overhead_basis": "typed"}

# GPT-3 on A100 as Megatron-LM ran it: layers recomputed, weights and gradients replicated, the full square counted.
MEGATRON_GPT3: dict[str, Any] = {
    **GIVEN, "architecture": "gpt-3-175b", "sequence_length": 2048, "accelerator": "a100-80", "tensor_parallel": 8,
    "pipeline_parallel": 8, "zero_stage": "0", "wide_gradients": True, "attention_count": "full",
}  # fmt: skip

# The step that Korthikanti et al. measured on 64 A100, 3 interleaved parts a stage.
KORTHIKANTI_GPT3: dict[str, Any] = {
    **MEGATRON_GPT3, "devices": 64, "global_batch": 64, "virtual_stages": 3, "attention_kernel": "standard",
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={"architecture": "llama-3.1-8b", "tokens": 15e12, "sequence_length": 8192},
        expected={
            "parameters": 8_030_261_248,
            "matmul_flops_per_token": 6 * (8_030_261_248 - 128_256 * 4096 - 65 * 4096),
            "attention_flops_per_token": 6 * 32 * 4096 * 8192,
            "rule_of_thumb_flops": 6 * 8_030_261_248 * 15e12,
        },
        source="Published parameter count; FLOPs by hand: 6 for each weight but the embedding and 65 norms, and 6 L h "
        "s for causal attention.",
    ),
    Example(
        inputs={"architecture": "llama-3.1-70b", "devices": 1, "global_batch": 1, "zero_stage": "0", **GIVEN},
        expected={
            "parameters": 70_553_706_496,
            "weights_memory": 2 * 70_553_706_496 / 2**30,
            "gradients_memory": 2 * 70_553_706_496 / 2**30,
            "optimizer_memory": 12 * 70_553_706_496 / 2**30,
            "fits": False,
        },
        source="Published parameter count; 16 bytes a parameter: ZeRO, arXiv 1910.02054, section 3.1.",
    ),
    Example(
        inputs={
            **GIVEN, "architecture": "llama-3.1-405b", "tokens": 15.6e12, "devices": 16_384, "tensor_parallel": 8,
            "pipeline_parallel": 2, "global_batch": 2048, "utilisation": 0.41, "overhead": 1.11,
        },
        expected={"parameters": 405_853_388_800, "device_hours": 30.84e6},
        source="Llama 3.1 model card: 30.84 million H100 hours. Utilisation 38% to 43% and more than 90% effective "
        "time: arXiv 2407.21783, table 4 and section 3.3.4.",
        rtol=0.05,
    ),
    Example(
        inputs={
            **MEGATRON_GPT3, "tokens": 300e9, "devices": 1024, "global_batch": 1536, "recomputation": "full",
            "utilisation": 140 / 312, "overhead": 1,
        },
        expected={"days": 34},
        source="Narayanan et al. 2021, arXiv 2104.04473, section 5.1: 140 TFLOP/s a device, about 34 days.",
        rtol=0.03,
    ),
    Example(
        inputs={**KORTHIKANTI_GPT3, "sequence_parallel": False},
        expected={"activations_memory": 66.84},
        source="Korthikanti et al. 2022, arXiv 2205.05198, figure 1: no recomputation, tensor split alone.",
        rtol=0.001,
    ),
    Example(
        inputs={**KORTHIKANTI_GPT3, "recomputation": "selective", "utilisation": 0.528},
        expected={"activations_memory": 12.35, "model_utilisation": 0.514},
        source="Korthikanti et al. 2022, arXiv 2205.05198, figure 1 and table 5: sequence parallelism and selective "
        "recomputation; 51.4% of the peak without recomputed work, at 52.8% with it.",
        rtol=0.03,
    ),
    Example(
        inputs={
            **GIVEN, "architecture": "llama-65b", "tokens": 1.4e12, "sequence_length": 2048, "global_batch": 2048,
            "accelerator": "custom", "peak_tflops": 312, "device_power": 400, "devices": 2048, "utilisation": 0.485,
            "overhead": 1, "price_basis": "typed", "usd_per_device_hour": 2, "pue": 1.1, "region": "custom",
            "carbon_intensity": 385,
        },
        expected={
            "tokens_per_second": 380 * 2048, "days": 21, "device_hours": 1_022_362, "energy": 449_000,
            "carbon": 173_000,
        },
        source="LLaMA, arXiv 2302.13971, section 2.4 and table 15: about 380 tokens/s a device, 21 days, 449 MWh, "
        "173 t.",
        rtol=0.01,
    ),
    Example(
        inputs={
            **GIVEN, "architecture": "gpt2-124m", "tokens": 10e9, "sequence_length": 1024, "global_batch": 512,
            "micro_batch": 64, "accelerator": "a100-80", "devices": 8, "zero_stage": "1", "utilisation": 0.6,
            "overhead": 1, "attention_count": "full",
        },
        expected={"parameters": 124_439_808, "device_hours": 8 * 94 / 60},
        source="karpathy/llm.c, discussion 481: 94 minutes on 8 A100 at about 60% of the peak.",
        rtol=0.02,
    ),
    Example(
        inputs={
            **GIVEN, "architecture": "pythia-6.9b", "tokens": 299.9e9, "sequence_length": 2048, "global_batch": 1024,
            "micro_batch": 8, "accelerator": "a100-40", "devices": 128,
        },
        expected={"parameters": 6_857_302_016, "device_hours": 33_500},
        source="Pythia, arXiv 2304.01373, compute table. At the utilisation and overhead that the page starts with.",
        rtol=0.2,
    ),
)  # fmt: skip
