"""The learner of classifiers, its probabilities, and what words add to a class."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mlcore.data.words import PAD, UNKNOWN
from mlcore.device import Device
from mlcore.explain.words import attribute
from mlcore.models.text_classifiers import TextClassifier, build
from mlcore.models.text_shape import TextClassifierConfig
from mlcore.progress import Quiet
from mlcore.repro import seed_everything
from mlcore.tasks.text_classification.run import hiding
from mlcore.train.classify import ClassificationLearner, Examples, all_logits, mean_loss, probabilities
from mlcore.train.loop import fit
from mlcore.train.recipe import Recipe

logits_of_two = st.lists(st.floats(-30, 30), min_size=1, max_size=8)


def network(kind: str, *, classes: int = 2) -> TextClassifier:
    seed_everything(4)
    encoder = {"layers": 2, "heads": 2, "ffn": 24} if kind == "transformer" else {}
    config = TextClassifierConfig(kind=kind, vocab=40, length=10, classes=classes, width=12, **encoder)
    made = build(config)
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(4)  # as far from linear as a trained one
    return made.eval()


# Probabilities and loss


@given(values=logits_of_two)
def test_one_sigmoid_is_a_softmax_of_two(values: list[float]) -> None:
    second = torch.tensor(values, dtype=torch.float64)[:, None]
    both = torch.cat([torch.zeros_like(second), second], dim=1)
    torch.testing.assert_close(probabilities(second), probabilities(both))
    labels = torch.arange(len(values)) % 2
    torch.testing.assert_close(mean_loss(second, labels), mean_loss(both, labels), atol=1e-5, rtol=1e-5)


def test_certain_logits_make_no_nonsense() -> None:
    found = probabilities(torch.tensor([[1e4], [-1e4]]))
    assert found.tolist() == [[0, 1], [1, 0]]
    assert float(mean_loss(torch.tensor([[1e4]]), torch.tensor([0]))) == 1e4


def test_logits_in_batches_are_those_at_once() -> None:
    model, ids = network("transformer"), torch.randint(1, 40, (300, 10))
    with torch.inference_mode():
        torch.testing.assert_close(all_logits(model, ids), model(ids), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("count", "labels"), [(0, 0), (3, 2)])
def test_examples_without_one_label_each_are_refused(count: int, labels: int) -> None:
    with pytest.raises(ValueError, match="wanted examples with one label each"):
        Examples(torch.zeros(count, 4), torch.zeros(labels, dtype=torch.int64))


# The learner, with something that is not text


def taught(device: Device, **changes: object) -> ClassificationLearner:
    draw = torch.Generator().manual_seed(0)
    inputs = torch.randn(200, 3, generator=draw)
    labels = inputs.argmax(dim=1)
    given = {"item": "points", "batch": 16, "seed": 2, "device": device, "flops_per_item": 6.0 * 9, "identity": {}}
    seed_everything(0)
    return ClassificationLearner(
        nn.Linear(3, 3),
        Examples(inputs[:160], labels[:160]),
        Examples(inputs[160:], labels[160:]),
        **{**given, **changes},
    )


def test_it_learns_and_tells_loss_and_accuracy(quiet: Quiet, cpu: Device) -> None:
    learner = taught(cpu)
    with torch.inference_mode():
        before = learner.evaluate()
    outcome = fit(learner, Recipe(steps=150, learning_rate=0.05, seed=2, evaluate_every=50), quiet, cpu)
    with torch.inference_mode():
        after = learner.evaluate()
    assert after["validation_loss"] == pytest.approx(outcome.validation_loss)
    assert after["validation_loss"] < 0.3 * before["validation_loss"]
    assert after["validation_accuracy"] > 0.9
    assert outcome.items == 150 * 16
    told = [data for kind, data in quiet.events if kind == "step"]
    assert any({"validation_loss", "validation_accuracy"} <= set(step) for step in told)


def test_only_training_batches_are_augmented(cpu: Device) -> None:
    learner = taught(cpu, augment=lambda inputs: inputs * 0)
    inputs, labels = learner.batch()
    assert (inputs.abs().max(), inputs.shape, labels.shape) == (0, (16, 3), (16,))
    plain = taught(cpu)
    with torch.inference_mode():
        assert learner.evaluate() == plain.evaluate()


def test_other_examples_are_another_run(cpu: Device) -> None:
    one, same = taught(cpu), taught(cpu)
    assert one.identity() == same.identity()
    assert one.identity() != taught(cpu, batch=8).identity()
    same._training.labels[0] = (same._training.labels[0] + 1) % 3
    other = ClassificationLearner(
        one.model, same._training, same._validation, item="points", batch=16, seed=2, device=cpu, flops_per_item=1.0,
        identity={},
    )  # fmt: skip
    assert other.identity() != one.identity()


@given(share=st.floats(0.05, 0.9))
def test_words_are_hidden_in_their_share_and_padding_never(share: float) -> None:
    torch.manual_seed(0)
    ids = torch.cat([torch.full((200, 50), 7), torch.full((200, 10), PAD)], dim=1)
    hidden = hiding(share)(ids)
    assert (hidden[:, 50:] == PAD).all()
    assert set(hidden[:, :50].unique().tolist()) == {7, UNKNOWN}
    assert float((hidden[:, :50] == UNKNOWN).double().mean()) == pytest.approx(share, abs=0.03)


# The networks


@pytest.mark.parametrize("kind", ["classic", "transformer"])
def test_padding_adds_nothing(kind: str) -> None:
    model = network(kind)
    ids = torch.tensor([[5, 6, 7, 0, 0, 0, 0, 0, 0, 0]])
    embedded = model.embed(ids)
    assert embedded[0, 3:].abs().max() == 0
    noisy = embedded.detach().clone()
    noisy[0, 3:] = 3.0
    if kind == "transformer":  # where padding is masked, whatever it holds
        torch.testing.assert_close(model.from_embedded(noisy, ids), model(ids), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("kind", ["classic", "transformer"])
def test_a_text_without_a_word_gives_numbers(kind: str) -> None:
    assert torch.isfinite(network(kind)(torch.zeros(2, 10, dtype=torch.int64))).all()


# Attributions


def test_of_a_linear_network_they_are_its_weights_times_the_words() -> None:
    """Of a linear function integrated gradients are exact (Sundararajan et al. 2017, section 3)."""
    model, ids = network("classic"), torch.tensor([4, 9, 1, 30, 0, 0, 0, 0, 0, 0])
    weights = model.dense.weight.view(10, 12)
    exact = (model.embed(ids) * weights).sum(dim=1).detach()
    for target, sign in ((1, 1), (0, -1)):
        found = attribute(model, ids, target=target)
        torch.testing.assert_close(found.weights, sign * exact, atol=1e-5, rtol=1e-4)
        assert found.difference == pytest.approx(sign * float(exact.sum()), abs=1e-5)
        assert (found.points, abs(found.delta) < 1e-5) == (16, True)


@pytest.mark.parametrize("target", [0, 1, 2])
def test_of_a_transformer_they_add_up_to_the_difference(target: int) -> None:
    model, ids = network("transformer", classes=3), torch.tensor([4, 9, 1, 30, 2, 8, 0, 0, 0, 0])
    found = attribute(model, ids, target=target)
    with torch.inference_mode():
        logits = model(ids[None])[0]
        empty = model.from_embedded(torch.zeros(1, 10, 12), ids[None])[0]
    assert found.difference == pytest.approx(float(logits[target] - empty[target]), abs=1e-4)
    assert float(found.weights.sum()) == pytest.approx(found.difference + found.delta, abs=1e-3)
    assert abs(found.delta) <= 0.02 * abs(found.difference) or found.points == 256
    assert found.weights[6:].abs().max() == 0


def test_the_steps_follow_the_error() -> None:
    """A network of which the path bends sharply needs more points than the first try takes."""

    class Sharp(TextClassifier):
        def __init__(self, config: TextClassifierConfig) -> None:
            super().__init__(config)
            self.steepness = nn.Parameter(torch.tensor(200.0))

        def embed(self, ids: Tensor) -> Tensor:
            return F.one_hot(ids, 40).float()[:, :, 1:]

        def from_embedded(self, embedded: Tensor, ids: Tensor) -> Tensor:
            return torch.sigmoid(self.steepness * (embedded.sum(dim=(1, 2)) / 10 - 0.123))[:, None]

    config = TextClassifierConfig(kind="classic", vocab=40, length=10, classes=2, width=39)
    found = attribute(Sharp(config), torch.full((10,), 3), target=1)
    assert 16 < found.points <= 256
    assert abs(found.delta) <= 0.02
