"""What the page on training steps computes, with its formulas and sources."""

from __future__ import annotations

from portal.planning.calculator import Output
from portal.planning.learning.optimizers import GOH, POLYAK

GEMAN = "S. Geman, E. Bienenstock and R. Doursat, Neural Computation 4(1), 1992"
HOERL = "A. E. Hoerl and R. W. Kennard, Technometrics 12(1), 1970"
TIBSHIRANI = "R. Tibshirani, Journal of the Royal Statistical Society B 58(1), 1996"
PRECHELT = "L. Prechelt, “Early Stopping – But When?”, Springer LNCS 1524, 1998"

FLOOR = "The mean of (true function − y)² over these points."

OUTPUTS = {
    "train_loss": Output(
        label="Training loss", unit="", headline=True, better="lower",
        help="Mean squared error on the points that the fit has seen, without penalties.",
        method="The mean of (fit − y)² over the training points, with the weights of {kept_step}.",
    ),
    "held_out_loss": Output(
        label="Held-out loss", unit="", headline=True, better="lower",
        help="Mean squared error on a hundred points that it has not seen: what counts.",
        method="The mean of (fit − y)² over the points held out, with the weights of {kept_step}.",
    ),
    "gap": Output(
        label="Gap", unit="", better="lower", help="How much worse it does on what it has not seen.",
        formula="{held_out_loss} − {train_loss}", source=GEMAN,
    ),
    "underfits": Output(
        label="Underfits", unit="", boolean=True, better="lower", help="It misses even the points it has seen.",
        method="Whether {train_loss} is above {train_limit}.",
    ),
    "overfits": Output(
        label="Overfits", unit="", boolean=True, better="lower", help="It follows the points it has seen too closely.",
        method="Whether {held_out_loss} is above {held_out_limit}, while {train_loss} is not above {train_limit}.",
    ),
    "diverges": Output(
        label="Diverges", unit="", boolean=True, better="lower", help="The training loss has grown.",
        method="Whether the last training loss is above the first, or the weights grew beyond a million.",
    ),
    "off_the_truth": Output(
        label="Distance from the true function", unit="", headline=True, better="lower",
        help="Mean squared distance of the fitted curve from the true one: only a toy can tell.",
        method="The mean of ({curve} − {true_curve})².",
    ),
    "train_floor": Output(
        label="Training loss of the true function", unit="", help="What the noise on the training points alone makes.",
        method=FLOOR,
    ),
    "held_out_floor": Output(
        label="Held-out loss of the true function", unit="", method=FLOOR,
        help="What the noise on the points held out alone makes: no fit can be better but by luck.",
    ),
    "train_variance": Output(
        label="Variance of the training points", unit="", help="What a flat line leaves of them.",
        method="The mean squared distance of y from its mean, over the training points.",
    ),
    "held_out_variance": Output(
        label="Variance of the points held out", unit="", help="What a flat line leaves of them.",
        method="The mean squared distance of y from its mean, over the points held out.",
    ),
    "train_limit": Output(
        label="Training loss that is good", unit="", help="Up to here the fit follows the points; above, it underfits.",
        formula="1.5 × {train_floor} + 0.02 × {train_variance}",
    ),
    "held_out_limit": Output(
        label="Held-out loss that is good", unit="",
        help="Up to here what was learned holds for other points; above, with a good training loss, it overfits.",
        formula="1.5 × {held_out_floor} + 0.02 × {held_out_variance}",
    ),
    "best_held_out_loss": Output(
        label="Lowest held-out loss", unit="", better="lower", help="The best that any step reached.",
        method="The smallest held-out loss of all steps.",
    ),
    "best_step": Output(
        label="Best step", unit="steps", help="After how many steps the held-out loss was lowest.",
        method="The step of {best_held_out_loss}, the first where there are several.",
    ),
    "kept_step": Output(
        label="Step whose weights are kept", unit="steps", help="The best step with early stopping, else the last.",
        method="{best_step} where {patience} is given, else {steps_taken}.", source=PRECHELT,
    ),
    "steps_taken": Output(
        label="Steps taken", unit="steps", help="Fewer than allowed when it stopped early or diverged.",
        method="Up to {steps}; fewer when {patience} ran out or the weights grew beyond a million.",
    ),
    "stopped_early": Output(
        label="Stopped early", unit="", boolean=True, help="The held-out loss had no new lowest for too long.",
        method="Whether {patience} ran out before {steps}.", source=PRECHELT,
    ),
    "epochs": Output(
        label="Epochs", unit="", help="How often each point was looked at.",
        method="{steps_taken} divided by the batches into which {points} fall.",
    ),
    "zero_weights": Output(
        label="Weights that are 0", unit="", help="Terms that an L1 penalty has dropped.", source=TIBSHIRANI,
        method="Weights that are exactly 0: after each step an L1 penalty moves every weight towards 0 by rate × "
        "penalty, and to 0 when it is nearer.",
    ),
    "size_of_weights": Output(
        label="Size of the weights", unit="", help="Large weights that cancel each other are a sign of overfitting.",
        method="The root of the sum of the squares of {weights}.",
    ),
    "memory": Output(
        label="Momentum in use", unit="", help="0 for plain gradient descent.", source=POLYAK,
        method="{momentum} where {method} keeps a velocity, else 0.",
    ),
    "most_curved": Output(
        label="Largest curvature", unit="", help="How fast the slope changes in the steepest direction.",
        method="The largest eigenvalue of 2ΦᵀΦ ÷ {points}, Φ the terms at the points, with 2 × {l2} added for each "
        "weight but the constant.",
    ),
    "critical_rate": Output(
        label="Critical learning rate", unit="", never="none for this method", source=GOH, headline=True,
        help="Above it, steps that look at all points grow without end.",
        formula="2 × (1 + {memory}) ÷ {most_curved}",
    ),
    "exact_train_loss": Output(
        label="Training loss of the exact fit", unit="", better="lower", source=HOERL,
        help="Where endless training without an L1 penalty would end.",
        method="The closed form: weights that solve (ΦᵀΦ + {points} · {l2}) w = Φᵀy, the constant not penalised.",
    ),
    "exact_held_out_loss": Output(
        label="Held-out loss of the exact fit", unit="", better="lower", source=HOERL,
        help="What endless training without an L1 penalty would make of points that were held out.",
        method="The mean of (fit − y)² over the points held out, with the weights of the closed form.",
    ),
    "train_by_step": Output(
        label="Training loss by step", unit="", along=("step",), better="lower", help="As it falls while training.",
        method="The training loss with the weights of each step; with many steps, of some of them.",
    ),
    "held_out_by_step": Output(
        label="Held-out loss by step", unit="", along=("step",), better="lower",
        help="It falls with the training loss and rises again when noise is learned.",
        method="The held-out loss with the weights of each step; with many steps, of some of them.",
    ),
    "curve": Output(
        label="Fit", unit="", along=("place",), help="The fitted curve.",
        method="The sum of {weights} times scaled Legendre polynomials.",
    ),
    "true_curve": Output(
        label="True function", unit="", along=("place",), help="What the points come from.", method="As {truth} says.",
    ),
    "point_x": Output(
        label="Place of a point", unit="", along=("point",), help="Where a training point lies, from −1 to 1.",
        method="One in each equal part of −1 to 1, by {sample}.",
    ),
    "point_y": Output(
        label="Training points", unit="", along=("point",), help="What the fit is made to follow.",
        method="The true function there, with normal noise of {noise}.",
    ),
    "weights": Output(
        label="Weight", unit="", along=("power",), help="What was learned: the weight of each term.",
        method="From 0, by {method} at {rate}; those of {kept_step}.",
    ),
    "train_by_degree": Output(
        label="Training loss by degree", unit="", along=("capacity",), better="lower",
        help="With capacity it only falls.", source=GEMAN,
        method="Of the exact fit of each degree with {l2}, up to fewer weights than points; below 10⁻¹² it is rounding "
        "and is shown as that.",
    ),
    "held_out_by_degree": Output(
        label="Held-out loss by degree", unit="", along=("capacity",), better="lower",
        help="With capacity it falls and then rises: underfitting to the left, overfitting to the right.",
        method="Of the exact fit of each degree with {l2}, on the points held out.",
        source=GEMAN,
    ),
}  # fmt: skip
