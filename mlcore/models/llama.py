"""Our decoder's weights under the names of transformers' ``LlamaForCausalLM``: the same function, another library."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from mlcore.models.decoder import Decoder
from mlcore.models.shape import DecoderConfig


def llama_config(config: DecoderConfig) -> dict[str, Any]:
    """Arguments of ``transformers.LlamaConfig`` that describe the same model."""
    return {
        "vocab_size": config.vocab,
        "hidden_size": config.hidden,
        "intermediate_size": config.ffn,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "max_position_embeddings": config.context,
        "rms_norm_eps": config.norm_eps,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_base},
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
    }


def llama_state(decoder: Decoder) -> dict[str, Tensor]:
    """The weights, by the names that ``LlamaForCausalLM.load_state_dict`` expects."""
    config, ours = decoder.config, decoder.state_dict()
    state = {
        "model.embed_tokens.weight": ours["embedding.weight"],
        "lm_head.weight": ours["embedding.weight"],
        "model.norm.weight": ours["norm.weight"],
    }
    key_value = config.kv_heads * config.head_width
    for layer in range(config.layers):
        block, there = f"blocks.{layer}.", f"model.layers.{layer}."
        query, key, value = ours[f"{block}attention.qkv.weight"].split((config.hidden, key_value, key_value))
        gate, up = ours[f"{block}ffn.gate_up.weight"].chunk(2)
        state |= {
            f"{there}input_layernorm.weight": ours[f"{block}attention_norm.weight"],
            f"{there}self_attn.q_proj.weight": query,
            f"{there}self_attn.k_proj.weight": key,
            f"{there}self_attn.v_proj.weight": value,
            f"{there}self_attn.o_proj.weight": ours[f"{block}attention.out.weight"],
            f"{there}post_attention_layernorm.weight": ours[f"{block}ffn_norm.weight"],
            f"{there}mlp.gate_proj.weight": gate,
            f"{there}mlp.up_proj.weight": up,
            f"{there}mlp.down_proj.weight": ours[f"{block}ffn.down.weight"],
        }
    return state
