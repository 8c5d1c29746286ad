"""A decoder-only transformer of the Llama family, in one file.

Pre-norm RMSNorm, rotary positions, SwiGLU, grouped-query attention, tied embeddings, no biases. Call the model
with ids for training, with a ``Cache`` as well for generation. ``mlcore.models.llama`` writes the same weights for
transformers' ``LlamaForCausalLM``, and a test holds the two together.

Shapes:
    B sequences   S positions now   T positions seen so far, these included
    E hidden      H query heads     G key-value heads   D = E / H, the width of a head
    F feed-forward width            V vocabulary
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mlcore.models.shape import DecoderConfig


class Cache:
    """Keys and values of the positions seen so far, in tensors of their final size: no copy a token."""

    def __init__(self, config: DecoderConfig, *, batch: int = 1, device: torch.device | str = "cpu") -> None:
        shape = (config.layers, batch, config.kv_heads, config.context, config.head_width)
        self.keys = torch.zeros(shape, device=device)  # (L, B, G, context, D)
        self.values = torch.zeros(shape, device=device)
        self.length = 0

    def extend(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Append (B, G, S, D) of one layer; returns all of that layer, (B, G, T, D)."""
        end = self.length + key.shape[2]
        self.keys[layer, :, :, self.length : end] = key
        self.values[layer, :, :, self.length : end] = value
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]


class Attention(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.width = config.heads, config.kv_heads, config.head_width
        # One matrix for queries, keys and values: one large product is faster than three small ones.
        self.qkv = nn.Linear(config.hidden, (self.heads + 2 * self.kv_heads) * self.width, bias=False)
        self.out = nn.Linear(config.hidden, config.hidden, bias=False)

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], cache: Cache | None, layer: int) -> Tensor:
        batch, length, hidden = x.shape
        qkv = self.qkv(x).view(batch, length, -1, self.width).transpose(1, 2)  # (B, H + 2G, S, D)
        turned = rotate(qkv[:, : self.heads + self.kv_heads], *rotation)
        query, key = turned.split((self.heads, self.kv_heads), dim=1)  # (B, H, S, D), (B, G, S, D)
        value = qkv[:, self.heads + self.kv_heads :]  # (B, G, S, D)
        if cache is not None:
            key, value = cache.extend(layer, key, value)  # (B, G, T, D)
        if self.kv_heads != self.heads:
            key = key.repeat_interleave(self.heads // self.kv_heads, dim=1)
            value = value.repeat_interleave(self.heads // self.kv_heads, dim=1)
        # With a cache the caller sends either a whole prompt (T == S) or one token, which may see everything.
        y = F.scaled_dot_product_attention(query, key, value, is_causal=length > 1)  # (B, H, S, D)
        return self.out(y.transpose(1, 2).reshape(batch, length, hidden))


class FeedForward(nn.Module):
    """SwiGLU: down(silu(gate(x)) * up(x)) (Shazeer 2020, equation 6)."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.gate_up = nn.Linear(config.hidden, 2 * config.ffn, bias=False)
        self.down = nn.Linear(config.ffn, config.hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, dim=-1)  # (B, S, F) each
        return self.down(F.silu(gate) * up)


class Block(nn.Module):
    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.hidden, eps=config.norm_eps)
        self.attention = Attention(config)
        self.ffn_norm = nn.RMSNorm(config.hidden, eps=config.norm_eps)
        self.ffn = FeedForward(config)
        self.dropout = nn.Dropout(config.dropout) if config.dropout else nn.Identity()

    def forward(self, x: Tensor, rotation: tuple[Tensor, Tensor], cache: Cache | None, layer: int) -> Tensor:
        x = x + self.dropout(self.attention(self.attention_norm(x), rotation, cache, layer))
        return x + self.dropout(self.ffn(self.ffn_norm(x)))


class Decoder(nn.Module):
    cos: Tensor
    sin: Tensor

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab, config.hidden)
        self.dropout = nn.Dropout(config.dropout) if config.dropout else nn.Identity()
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(config.hidden, eps=config.norm_eps)
        cos, sin = rotations(config)
        self.register_buffer("cos", cos, persistent=False)  # (context, D)
        self.register_buffer("sin", sin, persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        """Normal weights of 0.02, less into the residual stream (Radford et al. 2019, section 2.3)."""
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                into_residual = name.endswith(("attention.out.weight", "ffn.down.weight"))
                nn.init.normal_(weight, std=0.02 / (2 * self.config.layers) ** 0.5 if into_residual else 0.02)

    def forward(self, ids: Tensor, cache: Cache | None = None) -> Tensor:
        """Logits (B, S, V) of the tokens after each of ``ids`` (B, S).

        With a cache: send the prompt once, then one token at a time; logits only of the last position, (B, 1, V).
        """
        start = cache.length if cache is not None else 0
        length = ids.shape[1]
        assert start + length <= self.config.context, "the caller keeps within the context"
        assert start == 0 or length == 1, "after the prompt a cache takes one token at a time"
        rotation = (self.cos[start : start + length], self.sin[start : start + length])
        x = self.dropout(self.embedding(ids))  # (B, S, E)
        for layer, block in enumerate(self.blocks):
            x = block(x, rotation, cache, layer)
        if cache is not None:
            cache.length += length
            x = x[:, -1:]
        return F.linear(self.norm(x), self.embedding.weight)


def rotations(config: DecoderConfig) -> tuple[Tensor, Tensor]:
    """Cosine and sine (context, D) of position times frequency (Su et al. 2021, equation 34)."""
    frequency = config.rope_base ** (-torch.arange(0, config.head_width, 2, dtype=torch.float32) / config.head_width)
    angle = torch.outer(torch.arange(config.context, dtype=torch.float32), frequency)  # (context, D / 2)
    angle = torch.cat((angle, angle), dim=-1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair (i, i + D/2) of ``x`` (B, heads, S, D) by its position's angle; cos and sin are (S, D)."""
    first, second = x.chunk(2, dim=-1)
    return x * cos.to(x.dtype) + torch.cat((-second, first), dim=-1) * sin.to(x.dtype)
