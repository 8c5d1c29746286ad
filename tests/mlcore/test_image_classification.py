"""Image classification: the networks, training and exact resume, what is answered, and what the card states."""

from __future__ import annotations

import base64
import io
import random
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mlcore.data.images import Images, Split, digits
from mlcore.data.images_ink import like_a_digit
from mlcore.device import Device
from mlcore.explain.saliency import grad_cam, integrated_gradients, overlay
from mlcore.progress import Cancelled, Progress, Quiet
from mlcore.reading import read_inputs
from mlcore.results import check_results
from mlcore.storage import Damaged
from mlcore.tasks.image_classification import answers, make_starter
from mlcore.tasks.image_classification import run as run_module
from mlcore.tasks.image_classification.answers import classify, evaluate
from mlcore.tasks.image_classification.measuring import fit_baseline, misread_images, read_by, small
from mlcore.tasks.image_classification.network import (
    FILES,
    ImageNetwork,
    load_kept,
    load_network,
    rounded,
    save_network,
)
from mlcore.tasks.image_classification.quote import STARTER, estimate
from mlcore.tasks.image_classification.run import make_learner, make_recipe, train
from mlcore.tasks.image_classification.sizes import NetworkConfig, network_config
from mlcore.tasks.image_classification.spec import (
    BASELINES,
    CLASSIFY,
    EVALUATE,
    NETWORKS,
    TASK,
    TRAIN,
    ClassifyInputs,
    EvaluateInputs,
    TrainInputs,
)
from mlcore.train import loop
from mlcore.train.loop import Outcome, fit
from tests.mlcore.test_image_classification_data import cifar_files, packed, tarred, two_classes
from tests.mlcore.test_training import Stopping, fingerprint

CONFIGS = [
    NetworkConfig(kind="cnn", classes=10, size=8, channels=1),
    NetworkConfig(kind="cnn", classes=3, size=32, channels=3),
    NetworkConfig(kind="resnet", classes=7, size=32, channels=3),
]


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch, cpu: Device) -> None:
    monkeypatch.setattr(run_module, "pick", lambda: cpu)
    monkeypatch.setattr(answers, "pick", lambda: cpu)
    monkeypatch.setattr(run_module, "matmul_peak", lambda device: 1e12)


# The networks


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_parameters_and_flops_are_those_that_torch_counts(config: NetworkConfig) -> None:
    network = ImageNetwork(config)
    images = torch.randint(0, 256, (3, config.channels, config.size, config.size), dtype=torch.uint8)
    with FlopCounterMode(display=False) as counted:
        logits = network(images)
    assert logits.shape == (3, config.classes)
    assert config.parameters() == sum(weight.numel() for weight in network.parameters()) <= 1_500_000
    assert config.forward_flops() == counted.get_total_flops() / 3
    with FlopCounterMode(display=False) as counted:
        network(images).sum().backward()
    # The gradient of the images themselves is not needed, which the factor of three leaves out of account.
    assert counted.get_total_flops() / 3 == pytest.approx(config.training_flops(), rel=0.06)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "vgg"}, "wanted cnn or resnet"),
        ({"size": 224}, "8 or 32 pixels"),
        ({"channels": 4}, "1 or 3 channels"),
        ({"kind": "resnet", "size": 8}, "resnet: wanted size 32"),
        ({"classes": 1}, "classes: wanted 2 to"),
        ({"classes": 10**9}, "classes: wanted 2 to"),
    ],
)
def test_networks_that_do_not_exist_are_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        NetworkConfig(**{**CONFIGS[1].to_json(), **changed})


def test_images_are_normalised_by_what_was_seen_in_training() -> None:
    network = ImageNetwork(CONFIGS[1]).eval()
    images = torch.randint(0, 256, (50, 3, 32, 32), dtype=torch.uint8)
    images[:, 2] = 7  # a channel without any variation
    network.learn_normalisation(images)
    seen: list[torch.Tensor] = []
    network.body.register_forward_pre_hook(lambda _module, given: seen.append(given[0]))
    as_floats = network(images.float() / 255)
    assert torch.allclose(network(images), as_floats, atol=1e-6)
    assert torch.allclose(seen[0][:, :2].mean(dim=(0, 2, 3)), torch.zeros(2), atol=1e-5)
    assert torch.allclose(seen[0][:, :2].std(dim=(0, 2, 3)), torch.ones(2), atol=1e-3)
    assert torch.allclose(seen[0][:, 2], torch.zeros(()), atol=1e-4)


def test_a_pre_trained_body_is_taken_over_and_only_the_last_layer_is_new() -> None:
    letters = load_network(STARTER / "letters").network
    inputs = TrainInputs(model="resnet-pretrained", seed=4)
    config = network_config("resnet-pretrained", classes=10, digits=True)
    fresh = make_learner(inputs, config, toy_parts(), cpu_device()).model
    taught = make_learner(inputs, config, toy_parts(), cpu_device(), body=letters).model
    source, before, after = letters.body.state_dict(), fresh.body.state_dict(), taught.body.state_dict()
    for name, tensor in after.items():
        wanted = before if name.startswith("net.classifier") else source
        assert torch.equal(tensor, wanted[name]), name
    assert torch.equal(taught.mean, fresh.mean)  # the normalisation is that of the new images


# Training


def cpu_device() -> Device:
    return Device("cpu", "one core", 2**34, 1, torch.float32)


def toy_parts() -> Split:
    parts = digits()
    return Split(*(part.at(np.arange(40)) for part in (parts.training, parts.validation, parts.test)))


def toy_inputs(model: str, **changes: Any) -> TrainInputs:
    return TrainInputs(**{"model": model, "steps": 7, "batch": 6, "augmentation": "crop", **changes})


def toy_run(model: str, progress: Progress) -> Outcome:
    inputs = toy_inputs(model)
    learner = make_learner(inputs, network_config(model, classes=10, digits=True), toy_parts(), cpu_device())
    recipe = replace(make_recipe(inputs, 0.0), evaluate_every=3, checkpoint_seconds=0.0)
    return fit(learner, recipe, progress, cpu_device())


@pytest.mark.parametrize("model", ["cnn", "resnet"])
def test_a_run_that_was_stopped_ends_with_the_same_weights_bit_for_bit(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_SAVING_SHARE", 1e9)  # a checkpoint after every step
    toy_run(model, Quiet(tmp_path / "whole"))
    draw = random.Random(5)
    for stop_at in (3, 6, 9):
        with pytest.raises(Cancelled):
            toy_run(model, Stopping(tmp_path / "parts", stop_at))
        torch.manual_seed(draw.randrange(1_000))  # a new process starts with other generators
    toy_run(model, Quiet(tmp_path / "parts"))
    assert fingerprint(tmp_path / "parts") == fingerprint(tmp_path / "whole")


def test_augmentation_takes_part_in_what_a_run_is(tmp_path: Path, cpu: Device) -> None:
    learners = [
        make_learner(toy_inputs("cnn", augmentation=kind), CONFIGS[0], toy_parts(), cpu) for kind in ("none", "crop")
    ]
    assert learners[0].identity() != learners[1].identity()
    plain, shifted = (learner.batch()[0] for learner in learners)
    assert plain.dtype == torch.uint8
    assert not torch.allclose(plain.float() / 255, shifted.float())


@pytest.fixture(scope="module")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A classic network after 200 steps, some two seconds."""
    folder = tmp_path_factory.mktemp("digits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "pick", cpu_device)
        patch.setattr(run_module, "matmul_peak", lambda device: 1e12)
        return folder, train(TrainInputs(steps=200, seed=2), Quiet(folder), price_per_hour=0.6, power_watts=65)


def test_training_on_digits_learns_and_says_what_it_measured(digits_run: tuple[Path, dict[str, Any]]) -> None:
    folder, results = digits_run
    check_results(TRAIN, results)
    assert set(TRAIN.results) == set(results) - {"artifacts"}
    assert results["accuracy"] > 0.93
    assert results["accuracy_low"] < results["accuracy"] < results["accuracy_high"]
    assert 0.9 < results["baseline_accuracy"] < 1
    assert (results["test_images"], results["training_images"], results["classes"]) == (450, 1_077, 10)
    grid = np.array(results["confusion"]["grid"]["values"])
    assert np.trace(grid) / grid.sum() == results["accuracy"]
    assert results["usd"] == pytest.approx(results["seconds"] / 3600 * 0.6)
    assert results["achieved_flops"] == results["images_per_second"] * CONFIGS[0].training_flops()
    assert all((folder / name).is_file() for name in results["artifacts"].values())
    # The figure is that of the weights as they lie in the file.
    saved = load_network(folder)
    test = digits().test
    assert (read_by(saved.network)(test.pixels).argmax(axis=1) == test.labels).mean() == results["accuracy"]
    assert results["megabytes"] == pytest.approx(saved.weight_bytes / 1e6)


def test_what_nobody_stated_is_unknown(tmp_path: Path) -> None:
    progress = Quiet(tmp_path)
    results = train(toy_inputs("cnn"), progress)
    assert results["usd"] is results["usd_per_device_hour"] is results["device_power"] is None
    told = set().union(*(data for kind, data in progress.events if kind == "step"))
    assert {"loss", "validation_loss", "validation_accuracy", "images_per_second"} <= told


def test_an_archive_is_learnt_and_its_run_measured_and_asked(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    upload = packed(tmp_path / "upload", two_classes())
    inputs = TrainInputs(data="upload", model="cnn", steps=30, batch=8, augmentation="crop-flip")
    results = train(inputs, Quiet(folder), upload=upload)
    check_results(TRAIN, results)
    assert (results["accuracy"], results["baseline_accuracy"], results["classes"]) == (1, 1, 2)
    measured = evaluate(EvaluateInputs(model="some-run"), Quiet(folder), model_folder=folder)
    check_results(EVALUATE, measured)
    assert [row[0] for row in measured["comparison"]["rows"]] == ["trained", *BASELINES]
    assert measured["usd_per_request"] is None  # nobody stated a price
    assert (measured["best"], measured["images"], measured["misread"]) == ("trained", results["test_images"], [])
    picture = tmp_path / "picture"
    Image.new("RGB", (300, 200), (230, 40, 20)).save(picture, format="WEBP")
    asked = classify(ClassifyInputs(model="some-run"), Quiet(folder), image=picture, model_folder=folder)
    check_results(CLASSIFY, asked)
    assert asked["classes"][0][0] == "red"
    assert (asked["model"], asked["truth"]) == ("some-run", None)
    with pytest.raises(ValueError, match="Held-out image: wanted 0 to 4, since there are 5, got 9"):
        classify(ClassifyInputs(model="some-run", sample=9), Quiet(folder), model_folder=folder)


def test_cifar10_is_learnt_from_where_the_operator_provides_it(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "cifar-10-binary.tar.gz", cifar_files())
    inputs = toy_inputs("cnn", data="cifar10")
    results = train(inputs, Quiet(tmp_path), cifar10=archive)
    assert (results["classes"], results["test_images"], results["training_images"]) == (10, 40, 170)
    assert load_network(tmp_path).facts["data"] == "CIFAR-10 (Krizhevsky 2009)"


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"data": "digits", "augmentation": "crop-flip"}, "A mirrored 2, 3 or 7 is no digit"),
        ({"data": "upload"}, "Your images: wanted a ZIP file, got none"),
        ({"data": "cifar10"}, "this portal has no copy of it"),
    ],
)
def test_training_that_cannot_be_is_refused_with_advice(inputs: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        train(TrainInputs(**inputs), Quiet(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_bad_archive_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    upload = packed(tmp_path / "upload", {**two_classes(), "../out.png": b"x"})
    with pytest.raises(ValueError, match="leads out of it"):
        train(TrainInputs(data="upload"), Quiet(folder), upload=upload)
    assert list(folder.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "upload"]


# Stored networks


def test_what_is_stored_is_what_is_loaded(digits_run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, _results = digits_run
    saved, kept = load_network(folder), load_kept(folder)
    assert (saved.classes, saved.reads, saved.network.config) == (tuple("0123456789"), "digit", CONFIGS[0])
    assert np.array_equal(kept.test.pixels, digits().test.pixels)
    assert kept.learnt.pixels.shape == (1_077, 8, 8, 1)
    save_network(tmp_path, saved.network, classes=saved.classes, reads="digit", facts={})
    again = load_network(tmp_path).network.state_dict()
    assert all(torch.equal(tensor, again[name]) for name, tensor in saved.network.state_dict().items())
    with pytest.raises(Damaged, match="wanted held-out images beside it, found none"):
        load_kept(tmp_path)


def test_weights_of_a_residual_network_are_stored_in_16_bits_and_its_statistics_in_32() -> None:
    stored = rounded(ImageNetwork(CONFIGS[2]))
    kinds = {tensor.dtype for name, tensor in stored.items() if name.endswith(("running_mean", "running_var"))}
    assert kinds == {torch.float32}
    assert stored["body.net.classifier.1.weight"].dtype == torch.float16


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": 2}, "wanted an image classifier of format 1"),
        ({"architecture": "decoder"}, "wanted an image classifier"),
        ({"config": {"kind": "cnn"}}, "wanted an image classifier, got something else"),
        ({"config": {**CONFIGS[0].to_json(), "classes": 9}}, "wanted 9 classes"),
        ({"reads": "minds"}, "a way to read images"),
        ({"config": {**CONFIGS[0].to_json(), "size": 32}}, "wanted the weights of this network"),
        ({"weights": "0" * 64}, "damaged or replaced"),
    ],
)
def test_damaged_folders_are_refused(
    digits_run: tuple[Path, dict[str, Any]], tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    from mlcore.storage import read_json, write_json

    for name in FILES.values():
        (tmp_path / name).write_bytes((digits_run[0] / name).read_bytes())
    write_json(tmp_path / FILES["model"], {**read_json(tmp_path / FILES["model"]), **changed})
    with pytest.raises(Damaged, match=said):
        load_network(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Wanted a trained model"):
        load_network(tmp_path)
    for action in (partial(classify, ClassifyInputs(model="gone")), partial(evaluate, EvaluateInputs(model="gone"))):
        with pytest.raises(ValueError, match="found no finished run gone"):
            action(Quiet(tmp_path))


# Explaining


def test_integrated_gradients_of_a_linear_model_are_its_weights_times_the_difference() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    image, baseline = torch.rand(1, 1, 4, 4), torch.rand(1, 1, 4, 4)
    weights, missed = integrated_gradients(model, image, target=2, baseline=baseline)
    wanted = model[1].weight[2].detach().reshape(4, 4) * (image - baseline)[0, 0]
    assert np.allclose(weights, wanted.numpy(), atol=1e-5)
    assert missed < 1e-4


def test_grad_cam_finds_the_region_that_spoke() -> None:
    layer = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.ones_(layer.weight)
    model = nn.Sequential(layer, nn.Flatten(), nn.Linear(64, 2, bias=False))
    nn.init.ones_(model[2].weight)
    image = torch.zeros(1, 1, 8, 8)
    image[..., :3, 5:] = 1
    found = grad_cam(model, layer, image, target=1)
    assert found.shape == (8, 8)
    assert found[:3, 5:].min() > 0
    assert found.sum() == pytest.approx(found[:3, 5:].sum())


def test_an_overlay_is_red_for_and_blue_against() -> None:
    weights = np.zeros((8, 8))
    weights[0, 0], weights[7, 7] = 3, -3
    picture = overlay(np.full((8, 8, 1), 100, np.uint8), weights).astype(int)
    assert picture.shape == (256, 256, 3)
    assert picture[5, 5, 0] > picture[5, 5, 2] + 50
    assert picture[250, 250, 2] > picture[250, 250, 0] + 50
    assert len(set(picture[128, 128])) == 1
    assert np.isfinite(overlay(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8)))).all()


# Asking the starters


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("explain", ["gradients", "grad-cam"])
def test_a_held_out_digit_is_read_and_explained(network: str, explain: str, quiet: Quiet) -> None:
    result = classify(ClassifyInputs(network=network, explain=explain, sample=3), quiet)
    check_results(CLASSIFY, result)
    assert result["classes"][0][0] == result["truth"] == str(digits().test.labels[3])
    assert sum(score for _, score in result["classes"]) == pytest.approx(1)
    assert [score for _, score in result["classes"]] == sorted((s for _, s in result["classes"]), reverse=True)
    assert (result["missed"] is None) == (explain == "grad-cam")
    assert result["missed"] is None or result["missed"] < 0.5
    seen = Image.open(io.BytesIO(base64.b64decode(result["seen"]["png"])))
    assert seen.size == (256, 256)


def as_a_photograph(pixels: np.ndarray, at: tuple[int, int]) -> Image.Image:
    """A digit of the set as dark ink on shaded paper, somewhere in a larger picture."""
    ink = Image.fromarray(pixels[..., 0]).resize((160, 160), Image.Resampling.BICUBIC)
    paper = Image.new("L", (300, 280), 0)
    paper.paste(ink, at)
    shade = 230 - np.linspace(0, 50, 300)[None, :] - np.asarray(paper, dtype=float) * 0.7
    return Image.fromarray(shade.clip(0, 255).astype(np.uint8))


def test_drawn_and_photographed_digits_are_read(quiet: Quiet) -> None:
    test = digits().test.at(np.arange(100))
    read = read_by(load_network(STARTER / "cnn").network)
    ready = np.stack([like_a_digit(as_a_photograph(each, (30 + n % 60, 40))) for n, each in enumerate(test.pixels)])
    assert (read(ready).argmax(axis=1) == test.labels).mean() >= 0.9
    path = quiet.folder / "photo"
    as_a_photograph(test.pixels[0], (50, 50)).convert("RGB").save(path, format="JPEG")
    result = classify(ClassifyInputs(network="cnn"), quiet, image=path)
    assert result["classes"][0][0] == test.classes[test.labels[0]]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Wanted an image"), (b"GIF89a" + b"0" * 50, "Wanted an image as PNG"), (b"0" * (13 * 2**20), "at most")],
)
def test_files_that_are_no_images_are_refused(content: bytes, said: str, quiet: Quiet) -> None:
    path = quiet.folder / "file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        classify(ClassifyInputs(network="cnn"), quiet, image=path)


def test_the_starters_are_compared_with_baselines(quiet: Quiet) -> None:
    result = evaluate(EvaluateInputs(misread=3), quiet, price_per_hour=0.36)
    check_results(EVALUATE, result)
    rows = {row[0]: row for row in result["comparison"]["rows"]}
    assert list(rows) == [*NETWORKS, *BASELINES]
    for _, accuracy, low, high, f1, megabytes, half, most, per_thousand in rows.values():
        assert 0.9 < low < accuracy < high <= 1
        assert abs(f1 - accuracy) < 0.02
        assert megabytes > 0
        assert 0 < half <= most
        assert per_thousand > 0
    assert result["accuracy"] == max(rows[name][1] for name in NETWORKS)
    # 0.36 USD an hour are 0.0001 USD a second.
    assert result["usd_per_request"] == pytest.approx(0.0001 / result["requests_per_second"])
    assert len(result["misread"]) <= 3


def test_misread_images_come_surest_first_and_say_what_is_what() -> None:
    images = Images(pixels=np.zeros((4, 8, 8, 1), np.uint8), labels=np.array([0, 0, 1, 1]), classes=("cat", "dog"))
    found = np.array([[0.9, 0.1], [0.3, 0.7], [0.05, 0.95], [0.99, 0.01]])
    assert [each["caption"] for each in misread_images(found, images, 5)] == ["dog → cat (99%)", "cat → dog (70%)"]
    assert len(misread_images(found, images, 1)) == 1


def test_baselines_learn_what_a_line_parts() -> None:
    draw = np.random.default_rng(0)
    labels = np.arange(60) % 2
    pixels = (draw.integers(0, 100, (60, 32, 32, 3)) + 120 * labels[:, None, None, None]).astype(np.uint8)
    learnt = small(Images(pixels=pixels[:40], labels=labels[:40], classes=("dark", "light")), channels=3)
    for name in BASELINES:
        assert np.array_equal(fit_baseline(name, learnt)(pixels[40:]).argmax(axis=1), labels[40:])


# What is said beforehand, and on the card


def test_a_quote_follows_from_what_was_measured() -> None:
    inputs = TrainInputs(model="resnet", steps=1_000, batch=64, budget_minutes=1_000, budget_usd=1_000)
    quote = estimate(inputs, device={"achieved_flops": 1e10, "usd_per_hour": 0.1, "watts": 65})
    config = network_config("resnet", classes=10, digits=True)
    assert (quote["parameters"], quote["images"]) == (config.parameters(), 64_000)
    assert quote["flops"] == 64_000 * config.training_flops()
    # 20 evaluations of 270 digits, forward only, and ten seconds to prepare.
    assert quote["seconds"] == pytest.approx((quote["flops"] + 20 * 270 * config.forward_flops()) / 1e10 + 10)
    assert quote["usd"] == pytest.approx(quote["seconds"] / 3600 * 0.1)
    assert quote["kwh"] == pytest.approx(quote["seconds"] / 3600 * 0.065)
    assert (quote["basis"], quote["within_budget"]) == ("measured", True)


def test_a_quote_never_exceeds_the_budget_and_rests_on_the_starters_without_a_measurement() -> None:
    quote = estimate(TrainInputs(steps=100_000, budget_usd=0.5), device={"achieved_flops": 1e6, "usd_per_hour": 6.0})
    assert (quote["seconds"], quote["usd"], quote["within_budget"]) == (300, 0.5, False)
    for model in NETWORKS:
        quote = estimate(TrainInputs(model=model))
        assert (quote["basis"], quote["within_budget"], quote["usd"]) == ("reference", True, 0)


def test_every_example_is_read() -> None:
    for action in TASK.actions:
        assert action.examples
        for example in action.examples:
            read = read_inputs(action.inputs, example)
            assert all(getattr(read, name) == value for name, value in example.items())


def test_the_card_states_what_was_measured() -> None:
    assert sum(file.stat().st_size for file in STARTER.glob("*/*")) <= 4_000_000
    text = (STARTER.parent / TASK.card).read_text(encoding="utf-8")
    test = digits().test
    for name, title in NETWORKS.items():
        saved = load_network(STARTER / name)
        facts = saved.facts
        measured = float((read_by(saved.network)(test.pixels).argmax(axis=1) == test.labels).mean())
        assert measured == pytest.approx(facts["accuracy"], abs=2 / len(test))  # other processors round otherwise
        row = f"| {title} | {facts['accuracy']:.1%} | {facts['accuracy_low']:.1%} to {facts['accuracy_high']:.1%} |"
        assert row in text, row
        assert f"{facts['parameters']:,} parameters" in text
        assert f"{facts['steps']} steps of {facts['asked_batch']}" in text
        assert f"{facts['seconds']:.0f} s" in text
    for stated in (
        facts["data"],
        facts["licence"],
        f"seed {facts['asked_seed']};",
        "no writer ids",
        "## Known failures",
    ):
        assert stated in text, stated
    assert f"{load_network(STARTER / 'letters').facts['accuracy']:.1%} of its own held-out" in text


# Lines through the middle of a pen's path on a canvas of 280 by 280. The 7 has its bar, as those of the set do.
STROKES: dict[str, list[list[tuple[int, int]]]] = {
    "0": [[(140, 50), (95, 75), (80, 140), (95, 205), (140, 230), (185, 205), (200, 140), (185, 75), (140, 50)]],
    "1": [[(110, 90), (150, 50), (150, 230)]],
    "2": [[(90, 95), (105, 62), (140, 50), (180, 65), (185, 105), (150, 155), (85, 228), (195, 228)]],
    "3": [[(90, 65), (135, 48), (180, 70), (178, 110), (135, 135), (185, 160), (188, 205), (135, 232), (88, 215)]],
    "4": [[(160, 230), (160, 50), (80, 170), (205, 170)]],
    "5": [[(185, 52), (105, 52), (98, 130), (140, 115), (185, 135), (192, 185), (150, 228), (92, 215)]],
    "6": [[(175, 55), (120, 95), (95, 160), (105, 215), (145, 232), (185, 205), (180, 165), (140, 150), (100, 180)]],
    "7": [[(85, 55), (195, 55), (130, 230)], [(105, 145), (205, 145)]],
    "8": [
        [(140, 135), (100, 105), (105, 65), (140, 50), (178, 65), (180, 105), (140, 135)],
        [(140, 135), (95, 170), (95, 212), (140, 232), (188, 212), (185, 168), (140, 135)],
    ],
    "9": [[(180, 95), (145, 125), (105, 110), (100, 72), (140, 50), (180, 70), (182, 110), (175, 175), (150, 230)]],
}


@pytest.mark.parametrize("pen", [6, 18, 26])
def test_what_a_person_draws_on_the_canvas_is_read(pen: int) -> None:
    read = read_by(load_network(STARTER / "resnet-pretrained").network)
    wrong = []
    for digit, lines in STROKES.items():
        canvas = Image.new("L", (280, 280))
        for line in lines:
            ImageDraw.Draw(canvas).line(line, fill=255, width=pen, joint="curve")
        if tuple("0123456789")[read(like_a_digit(canvas)[None])[0].argmax()] != digit:
            wrong.append(digit)
    assert len(wrong) <= 1, wrong


def test_one_command_trains_and_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpu: Device) -> None:
    monkeypatch.setattr(make_starter, "pick", lambda: cpu)
    monkeypatch.setattr(make_starter, "_HERE", tmp_path)
    monkeypatch.setattr(make_starter, "NUM_GLYPHS", 400)
    rows = [[name, 0.9, 0.8, 0.95, 0.9, 0.1, 1.0, 2.0, None] for name in (*NETWORKS, *BASELINES)]
    monkeypatch.setattr(make_starter, "evaluate", lambda *_given: {"comparison": {"rows": rows}})
    for recipe in make_starter.RECIPES.values():
        monkeypatch.setitem(recipe, "steps", 2)
        monkeypatch.setitem(recipe, "batch", 4)
    make_starter.main(["--folder", str(tmp_path / "runs")])
    for name in make_starter.RECIPES:
        assert sorted(path.name for path in (tmp_path / "starter" / name).iterdir()) == [
            "model.json",
            "model.safetensors",
        ]
        assert load_network(tmp_path / "starter" / name).facts["steps"] == 2
    text = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert "| Residual network | 90.0% | 80.0% to 95.0% | 90.0% | 0.10 | 1.0, 2.0 |" in text
    assert "the intervals overlap" in text
    monkeypatch.setattr(make_starter, "MAX_BYTES", 1_000)
    with pytest.raises(ValueError, match="Wanted starter models of at most 1,000 bytes, got"):
        make_starter.main(["--folder", str(tmp_path / "runs")])
