"""What size and how many tokens a budget is best spent on, and how much smaller a model that is served should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.spec import choice, number
from portal.planning.calculator import Axis, Calculator, Example, Lines, Output, Preset, Sentence
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.edits import Live
from portal.planning.compute.optimal import (
    LAWS,
    SERVING,
    TRAINING,
    best_size,
    best_size_to_serve,
    best_tokens,
    loss,
    tokens_to_reach,
)

HOFFMANN = "Hoffmann et al. 2022, arXiv 2203.15556, section 3.3"
EPOCH = "Besiroglu et al. 2024, arXiv 2404.10102"
SARDANA = "Sardana et al. 2024, arXiv 2401.00448"
KAPLAN = "Kaplan et al. 2020, arXiv 2001.08361"

LAW_NAMES = {"epoch": "Chinchilla, fitted anew by Epoch AI (2024)", "hoffmann": "Chinchilla, as published (2022)"}
BASES = {"budget": "A budget in dollars", "flops": "A budget of FLOPs", "size": "A size of model"}
DEVICES = Live(lambda: {key: device.name for key, device in ACCELERATORS.items()}, ACCELERATORS.table)
SIZES = tuple(round(0.2 * 1.16**step, 4) for step in range(20))  # shares of the best size for training, to 3.4


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    basis: str = choice(
        "What is given", default="budget", choices=BASES, group="Budget", help="From which the rest follows.")
    budget: float = number(
        "Budget for training", default=1e6, low=1, high=1e12, unit="USD", group="Budget", when=("basis", ("budget",)),
        source="Assumption: put in your own.", help="For the one run that is meant to succeed.")
    flops: float = number(
        "Compute for training", default=1e5, low=1, high=1e12, group="Budget", when=("basis", ("flops",)),
        source="Assumption: put in your own.", help="Model FLOPs of the run, in units of 10^18.")
    size: float = number(
        "Size of the model", default=8e9, low=1, high=1e14, unit="parameters", group="Budget",
        when=("basis", ("size",)), source="Assumption: put in your own.",
        help="Parameters; of a mixture of experts, those that a token uses.")
    accelerator: str = choice(
        "Accelerator", default="h100-sxm", choices=DEVICES, group="Price of compute",
        help="Its dense 16-bit peak counts.")
    usd_per_device_hour: float = number(
        "Price of a device", likely=(2.0, 4.5), low=1e-4, high=1e6, unit="USD/hour", group="Price of compute",
        source="Catalogue of prices, H100 on demand, 2025 and 2026", quantity="usd_per_device_hour",
        help="Rent, or cost of ownership, of one device for an hour.")
    utilisation: float = number(
        "Utilisation from end to end", likely=(0.19, 0.45), low=1e-4, high=1, unit="%", group="Price of compute",
        source="38 published runs, 2020 to 2025: 13% to 61%, median 29%",
        help="Model FLOPs of the whole run over what its devices could have computed at their peak, restarts included.")
    served: float = number(
        "Tokens served", likely=(1e12, 2e13), low=0, high=1e17, unit="tokens", group="Serving",
        source="Assumption: put in your own.",
        help="Read and written over the life of the model; 0 when nothing is served.")
    price_ratio: float = number(
        "Serving over training", likely=(1.0, 4.0), low=0.01, high=100, unit="×", group="Serving",
        source="Sardana et al. 2024, arXiv 2401.00448, section 3: serving reaches less of the peak than training",
        help="What a FLOP costs in serving over what it costs in training.")
    law: str = choice(
        "Scaling law", default="epoch", choices=LAW_NAMES, group="Law",
        help="How loss falls with size and data. The published one is known to weigh data too heavily.")
# fmt: on


def compute(x: Any) -> dict[str, Any]:
    law = LAWS[x.law]
    flop_hour = ACCELERATORS[x.accelerator].bf16_tflops * 1e12 * x.utilisation * 3600
    usd_per_flop = x.usd_per_device_hour / flop_hour
    if x.basis == "size":
        size = x.size
        tokens = best_tokens(law, size)
        flops = TRAINING * size * tokens
    else:
        flops = x.budget / usd_per_flop if x.basis == "budget" else x.flops * 1e18
        size = best_size(law, flops)
        tokens = flops / TRAINING / size
    wanted = loss(law, size, tokens)
    small = best_size_to_serve(law, wanted, x.served, x.price_ratio)
    long = tokens_to_reach(law, wanted, small)
    serving_price = SERVING * x.served * x.price_ratio * usd_per_flop
    cost, small_cost = flops * usd_per_flop, TRAINING * small * long * usd_per_flop
    lifetime, small_lifetime = cost + serving_price * size, small_cost + serving_price * small
    return {
        "usd_per_exaflop": usd_per_flop * 1e18,
        "training_flops": flops,
        "best_size": size,
        "best_tokens": tokens,
        "tokens_per_parameter": tokens / size,
        "loss": wanted,
        "training_cost": cost,
        "device_hours": flops / flop_hour,
        "lifetime_cost": lifetime,
        "served_size": small,
        "served_tokens": long,
        "served_ratio": long / small,
        "served_training_cost": small_cost,
        "served_lifetime_cost": small_lifetime,
        "saving": 1 - small_lifetime / lifetime,
        **_by_size(law, wanted, size, usd_per_flop, serving_price),
    }


def _by_size(law: Any, wanted: Any, size: Any, usd_per_flop: Any, serving_price: Any) -> dict[str, Any]:
    """Costs of models of other sizes that reach the same loss: (sizes,) or (sizes, draws)."""
    drawn = np.broadcast_shapes(*(np.shape(value) for value in (wanted, size, usd_per_flop, serving_price)))
    sizes = np.multiply.outer(SIZES, np.broadcast_to(size, drawn))
    tokens = tokens_to_reach(law, wanted, sizes)
    training = TRAINING * sizes * tokens * usd_per_flop
    return {"training_by_size": training, "lifetime_by_size": training + serving_price * sizes}


BEST = "*{usd}* are best spent on a model of *{size}* on *{tokens}*."
BEST_SERVED = (
    "*{usd}* are best spent on a model of *{size}* on *{tokens}*. To serve {served} as well, the same loss is cheapest "
    "with *{small}* on *{long}*: {saving} less for training and serving together."
)
EXTRAPOLATED = "{flops} is beyond the runs to which the law was fitted, up to {high}: sizes may be off by half."
SMALL_RUN = "{flops} is below the runs to which the law was fitted, from {low}: treat the size as a rough guide."
LONG_TRAINING = (
    "{ratio} tokens a parameter are more than the law was fitted to. Models trained that long got better less quickly "
    "than it says (Sardana et al. 2024)."
)
FAR_RATIO = 500  # tokens a parameter


def answer(outcome: Any) -> Sentence:
    middle = {name: outcome.quantile(name, 0.5) for name in
              ("training_cost", "best_size", "best_tokens", "served_size", "served_tokens", "saving")}  # fmt: skip
    figures = {
        "usd": (middle["training_cost"], "USD"),
        "size": (middle["best_size"], "parameters"),
        "tokens": (middle["best_tokens"], "tokens"),
    }
    if not outcome.case.resolved.served:
        return Sentence(BEST, figures)
    return Sentence(BEST_SERVED, figures | {
        "served": (outcome.case.resolved.served, "tokens"),
        "small": (middle["served_size"], "parameters"),
        "long": (middle["served_tokens"], "tokens"),
        "saving": (middle["saving"], "%"),
    })  # fmt: skip


def notices(x: Any, results: Mapping[str, Any]) -> list[Sentence]:
    return list(_notices(x, results))


def _notices(x: Any, results: Mapping[str, Any]) -> Iterator[Sentence]:
    law, flops = LAWS[x.law], results["training_flops"]
    if flops > law.high:
        yield Sentence(EXTRAPOLATED, {"flops": (flops, "FLOP"), "high": (law.high, "FLOP")})
    elif flops < law.low:
        yield Sentence(SMALL_RUN, {"flops": (flops, "FLOP"), "low": (law.low, "FLOP")})
    if results["served_ratio"] > FAR_RATIO:
        yield Sentence(LONG_TRAINING, {"ratio": (results["served_ratio"], "")})


OUTPUTS = {
    "best_size": Output(
        label="Best size", unit="parameters", headline=True, help="With the lowest loss for the compute of training.",
        method="G ({training_flops} ÷ 6)^(β ÷ (α + β)) of {law}; or {size}, when that is given.", source=HOFFMANN),
    "best_tokens": Output(
        label="Best tokens", unit="tokens", headline=True, quantity="train.tokens",
        help="On which that size is trained for the lowest loss.",
        formula="{training_flops} ÷ 6 ÷ {best_size}", source=KAPLAN),
    "tokens_per_parameter": Output(
        label="Tokens a parameter", unit="", help="About 20 in Chinchilla, more or less as the budget grows.",
        formula="{best_tokens} ÷ {best_size}"),
    "training_flops": Output(
        label="Training FLOPs", unit="FLOP", help="Of the run, by 6 N D.",
        method="{budget} over {usd_per_exaflop}, {flops} × 10^18, or what makes {size} best, as {basis} says."),
    "loss": Output(
        label="Loss", unit="", better="lower", help="That the law expects, in nats a token.",
        method="E + A ÷ {best_size}^α + B ÷ {best_tokens}^β of {law}.", source=EPOCH),
    "usd_per_exaflop": Output(
        label="Price of 10^18 FLOPs", unit="USD", better="lower", help="Of model FLOPs that advance the training.",
        method="{usd_per_device_hour} over what a device of {accelerator} computes in an hour at {utilisation} of its "
        "peak."),
    "training_cost": Output(
        label="Cost of training", unit="USD", better="lower", headline=True, help="Of the best size.",
        formula="{training_flops} × {usd_per_exaflop} ÷ 10^18"),
    "device_hours": Output(
        label="Device-hours", unit="hours", better="lower", help="Of training that model.",
        formula="{training_cost} ÷ {usd_per_device_hour}"),
    "lifetime_cost": Output(
        label="Training and serving", unit="USD", better="lower",
        help="What that model costs when it is served as much as planned.",
        formula="{training_cost} + 2 × {best_size} × {served} × {price_ratio} × {usd_per_exaflop} ÷ 10^18",
        source=SARDANA),
    "served_size": Output(
        label="Best size when served", unit="parameters", headline=True,
        help="Reaches the same loss with the least money for training and serving together.",
        method="The minimum of 6 N D + 2 N × {served} × {price_ratio} over all sizes N that reach {loss}, with the "
        "tokens D that each needs for it.", source=SARDANA),
    "served_tokens": Output(
        label="Its tokens", unit="tokens", help="On which the smaller model reaches the same loss.",
        method="The data that {law} asks of {served_size} for {loss}."),
    "served_ratio": Output(
        label="Its tokens a parameter", unit="", help="How far beyond the best for training it is trained.",
        formula="{served_tokens} ÷ {served_size}"),
    "served_training_cost": Output(
        label="Its cost of training", unit="USD", better="lower", help="More than the budget, by what serving saves.",
        formula="6 × {served_size} × {served_tokens} × {usd_per_exaflop} ÷ 10^18"),
    "served_lifetime_cost": Output(
        label="Its training and serving", unit="USD", better="lower", help="The least for this loss and demand.",
        formula="{served_training_cost} + 2 × {served_size} × {served} × {price_ratio} × {usd_per_exaflop} ÷ 10^18",
        source=SARDANA),
    "saving": Output(
        label="Saved by the smaller model", unit="%", better="higher", help="Of training and serving together.",
        formula="1 − {served_lifetime_cost} ÷ {lifetime_cost}"),
    "training_by_size": Output(
        label="Cost of training by size", unit="USD", along=("size_share",), better="lower",
        never="no amount of data gives so small a model this loss",
        help="Of models of other sizes that reach the same loss.",
        method="6 × size × the tokens that {law} asks of it for {loss} × {usd_per_exaflop}."),
    "lifetime_by_size": Output(
        label="Training and serving by size", unit="USD", along=("size_share",), better="lower",
        never="no amount of data gives so small a model this loss",
        help="Of models of other sizes that reach the same loss.",
        method="{training_by_size} and 2 × size × {served} × {price_ratio} × {usd_per_exaflop}."),
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={"basis": "size", "size": 13e9, "served": 2e12, "price_ratio": 1, "law": "hoffmann"},
        expected={"served_size": 7e9, "saving": 0.17},
        source="Sardana et al. 2024, arXiv 2401.00448, figure 1: 7B in place of 13B saves 17% for 2 trillion tokens.",
        rtol=0.03),
    Example(
        inputs={"basis": "flops", "flops": 5.88e5, "served": 0},
        expected={"best_size": 70e9, "best_tokens": 1.4e12, "saving": 0},
        source="Chinchilla, arXiv 2203.15556: 70 billion parameters on 1.4 trillion tokens.",
        rtol=0.06),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="compute-optimal",
    version=1,
    title="Compute-optimal model",
    summary="The size and the data that a budget is best spent on, and how much smaller a served model should be.",
    family="Compute",
    inputs=Inputs,
    axes={"size_share": Axis(label="Size over the best size for training", unit="×", places=lambda inputs: SIZES)},
    outputs=OUTPUTS,
    compute=compute,
    explains="served_size",
    sentences=(BEST, BEST_SERVED, EXTRAPOLATED, SMALL_RUN, LONG_TRAINING),
    answer=answer,
    notices=notices,
    charts=(
        Lines(
            title="What other sizes with the same loss cost", outputs=("training_by_size", "lifetime_by_size"), log=True
        ),
    ),
    presets=(
        Preset(slug="one-million", label="A million dollars", inputs={}),
        Preset(slug="chinchilla", label="Chinchilla's compute", inputs={"basis": "flops", "flops": 5.88e5}),
        Preset(slug="eight-billion", label="8B, and its tokens", inputs={"basis": "size", "size": 8e9}),
    ),
    examples=EXAMPLES,
    sources=(HOFFMANN, EPOCH, SARDANA, KAPLAN),
)
