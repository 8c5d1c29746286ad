"""What image classification asks and answers. Standard library only; the code that runs is in ``run.py``."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import choice, integer, media, number, text
from mlcore.task import LOSS, Action, Curve, Mode, Result, Task
from mlcore.train import declared

_RUN = "mlcore.tasks.image_classification.run"
_UPLOAD = ("data", ("upload",))
_RESNETS = ("resnet", "resnet-pretrained")
NETWORKS = {
    "cnn": "Classic convolutional network",
    "resnet": "Residual network",
    "resnet-pretrained": "Residual network, pre-trained on drawn letters",
}
BASELINES = {"logistic": "Logistic regression on pixels", "neighbours": "Three nearest neighbours"}


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyInputs:
    image: str = media(
        "Image", accept=("image/png", "image/jpeg", "image/webp"), max_bytes=12 * 1024 * 1024, ways=("draw", "camera"),
        group="Image",
        help="One digit, drawn or photographed, for the starter models; for a model of your own, what it was trained "
        "on. PNG, JPEG or WebP. Without an image, a held-out one is read.")
    sample: int = integer(
        "Held-out image", default=0, low=0, high=100_000, fixed=True, group="Image",
        help="Which of the images kept from training is read where no image is given, counted from 0.")
    network: str = choice(
        "Network", default="resnet-pretrained", choices=NETWORKS, group="Model",
        help="Which of the starter models reads the image. They were trained on handwritten digits.")
    model: str = text(
        "Trained model", default="", max_length=64, group="Model",
        help="The model of a training run that has finished, by the id of that run. Empty takes the starter model "
        "chosen above.")
    explain: str = choice(
        "Explain by", default="gradients", group="Model",
        choices={"gradients": "Integrated gradients: pixel by pixel", "grad-cam": "Grad-CAM: by region"},
        help="How to show which parts of the image spoke for the likeliest class. Neither says whether it is right.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateInputs:
    model: str = text(
        "Trained model", default="", max_length=64, group="Model",
        help="The model of a training run that has finished, by the id of that run, measured on the images that the "
        "run held out. Empty compares the starter models on held-out digits.")
    misread: int = integer(
        "Misread images", default=12, low=0, high=48, fixed=True, group="Model",
        help="The most misread images to show, those that the model was surest of first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainInputs:
    data: str = choice(
        "Images", default="digits", group="Data",
        choices={
            "digits": "Handwritten digits, 1,797 images",
            "upload": "Images of my own",
            "cifar10": "CIFAR-10, 60,000 photographs",
        },
        help="What the model learns from. A quarter is held out to measure with, and 15% to choose the best weights. "
        "CIFAR-10 has test images of its own; its archive is provided by the operator of this portal.")
    upload: str = media(
        "Your images", accept=("application/zip",), max_bytes=64 * 1024 * 1024, group="Data", when=_UPLOAD,
        help="A ZIP file with one folder for each class, and at least 10 images as PNG, JPEG or WebP in each. They "
        "are cut to squares and scaled to 32 by 32.")
    model: str = choice(
        "Network", default="cnn", choices=NETWORKS, group="Model",
        help="The classic one is small and quick. The residual one is deeper; pre-trained, it starts from weights that "
        "have learnt to tell drawn letters and shapes apart.")
    steps: int = integer(
        "Steps", default=300, low=1, high=100_000, fixed=True, group="Training",
        help="Updates of the weights. The learning rate rises over the first of them, then falls along a cosine.")
    batch: int = integer(
        "Batch", default=32, low=2, high=512, fixed=True, unit="images", group="Training",
        help="Images that are computed together.")
    adam_rate: float = number(
        "Learning rate of Adam", default=0.003, low=1e-6, high=0.1, fixed=True, group="Training",
        when=("model", ("cnn",)),
        help="The highest. Adam scales it for each weight on its own.")
    sgd_rate: float = number(
        "Learning rate of SGD", default=0.05, low=1e-6, high=1, fixed=True, group="Training", when=("model", _RESNETS),
        help="The highest, of gradient descent with a momentum of 0.9. A pre-trained network may take less.")
    augmentation: str = choice(
        "Change images", default="crop", group="Training",
        choices={"none": "As they are", "crop": "Shift", "crop-flip": "Shift and mirror"},
        help="Each time an image is seen it may be shifted by up to an eighth and mirrored, so that the model learns "
        "what does not matter. A mirrored digit or letter is another sign, or none: mirror photographs only.")
    patience: int = declared.patience(0)
    seed: int = integer(
        "Seed", default=1, low=0, high=2**32 - 1, fixed=True, group="Training",
        help="Fixes the split of your images, the first weights, the order of images and how they are changed. The "
        "split of the digits is always the same.")
    budget_minutes: float = declared.budget_minutes()
    budget_usd: float = declared.budget_usd()


_NAMES = {**NETWORKS, **BASELINES, "trained": "The trained model"}

CLASSIFY = Action(
    slug="classify",
    title="Read an image",
    help="The model names what it sees, and shows which parts of the image spoke for it.",
    mode=Mode.INTERACTIVE,
    inputs=ClassifyInputs,
    entry=f"{_RUN}:classify",
    artifact_folders={"model": "model_folder"},
    results={
        "classes": Result(
            label="What it may be", kind="labels",
            help="The model's own probabilities. It knows only its classes: anything else is read as one of them."),
        "seen": Result(
            label="What the model saw", kind="image",
            help="The image as it was made ready: for digits inverted, cropped, centred and scaled to 8 by 8."),
        "why": Result(
            label="What spoke for it", kind="image",
            help="Red spoke for the likeliest class, blue against it; Grad-CAM shows only what spoke for it."),
        "missed": Result(
            label="Left unexplained", kind="number",
            help="By how much the weights of integrated gradients miss the difference of logits that they explain; "
            "near 0 is good. Grad-CAM has no such check."),
        "seconds": Result(label="Time to read", kind="number", unit="seconds",
                          help="Making the image ready and reading it, loading the model and explaining left out."),
        "truth": Result(label="What it is", kind="text", help="Known of held-out images only."),
        "model": Result(label="Model", kind="text", words=NETWORKS),
    },
    examples=(
        {"sample": 0},
        {"sample": 7, "network": "cnn"},
        {"sample": 42, "network": "resnet", "explain": "grad-cam"},
    ),
)

EVALUATE = Action(
    slug="evaluate",
    title="Measure on held-out images",
    help="How often the models are right on images that they have never seen, how fast, and what they misread.",
    mode=Mode.INTERACTIVE,
    inputs=EvaluateInputs,
    entry=f"{_RUN}:evaluate",
    artifact_folders={"model": "model_folder"},
    results={
        "comparison": Result(
            label="Comparison", kind="table",
            words={
                **_NAMES, "Model": "Model", "Accuracy": "Accuracy", "Accuracy from": "Accuracy from",
                "Accuracy to": "Accuracy to", "Macro F1": "Macro F1",
                "Size": "Size", "Half within": "Half within", "95% within": "95% within", "Per 1,000": "Per 1,000",
            },
            help="Accuracy from and to are the ends of the 95% interval. Times are of one image at a time, on "
            "this device. The price is unknown where the operator has stated none."),
        "confusion": Result(
            label="What is read as what", kind="figure", words={"What it is": "What it is", "Read as": "Read as"},
            help="Images by what they are and what the most accurate network read."),
        "misread": Result(
            label="Misread images", kind="image",
            help="What each is, what the most accurate network read, and how sure it was."),
        "best": Result(label="Most accurate network", kind="text", words=_NAMES),
        "images": Result(label="Held-out images", kind="number", unit="images"),
        "accuracy": Result(label="Its accuracy", kind="number", unit="%"),
        "requests_per_second": Result(
            label="Its speed", kind="number", unit="requests/s", quantity="requests_per_second",
            help="One image after the other on this device, scaled and read. Decoding a file comes on top."),
        "usd_per_request": Result(
            label="Its price", kind="number", unit="USD/request", quantity="usd_per_request",
            help="At the price of the device that the operator stated, busy all the time."),
        "device": Result(label="Device", kind="text"),
    },
    examples=({}, {"misread": 48}),
)

TRAIN = Action(
    slug="train",
    title="Train an image classifier",
    help="A network learns to tell classes of images apart, while you watch.",
    mode=Mode.TRAINING,
    inputs=TrainInputs,
    entry=f"{_RUN}:train",
    estimate="mlcore.tasks.image_classification.quote:estimate",
    curves=(
        LOSS,
        Curve(title="Held-out accuracy", measures={"validation_accuracy": "Accuracy"}, unit="%", best="max"),
        Curve(title="Throughput", measures={"images_per_second": "Images per second"}, unit="images/s"),
    ),
    results={
        "accuracy": Result(label="Accuracy", kind="number", unit="%", quantity="accuracy",
                           help="Share of the held-out test images that are read rightly, with the weights as stored."),
        "accuracy_low": Result(label="Accuracy from", kind="number", unit="%",
                               help="The lower end of its 95% interval (Wilson)."),
        "accuracy_high": Result(label="Accuracy to", kind="number", unit="%", help="The upper end of that interval."),
        "macro_f1": Result(label="Macro F1", kind="number", unit="%",
                           help="Mean over the classes of the harmonic mean of precision and recall."),
        "baseline_accuracy": Result(
            label="Accuracy of the baseline", kind="number", unit="%",
            help="Logistic regression on the pixels, scaled to 8 by 8, of the same training images; at most 5,000."),
        "confusion": Result(label="What is read as what", kind="figure",
                            words={"What it is": "What it is", "Read as": "Read as"}),
        "validation_loss": Result(label="Held-out loss", kind="number", unit="nats/image",
                                  help="On the images that chose the best weights."),
        "test_images": Result(label="Test images", kind="number", unit="images"),
        "training_images": Result(label="Training images", kind="number", unit="images"),
        "classes": Result(label="Classes", kind="number"),
        "parameters": Result(label="Parameters", kind="number", unit="parameters"),
        "megabytes": Result(label="Size of the weights", kind="number", unit="MB"),
        **declared.COURSE,
        **declared.DEVICE,
        "images_per_second": Result(
            label="Training speed", kind="number", unit="images/s", quantity="images_per_second",
            help="Images learnt from in a second of training steps, evaluation and saving left out."),
        "achieved_flops": Result(
            label="Achieved", kind="number", unit="FLOP/s", quantity="achieved_flops",
            help="Images a second times the FLOPs of an image: three times those of its convolutions and dense layers "
            "forward."),
        "share_of_peak": Result(
            label="Share of the peak", kind="number", unit="%",
            help="Achieved over the measured peak. Small convolutions reach little of what large products do, so this "
            "says nothing of how a language model would run here."),
    },
    examples=(
        {"model": "cnn", "steps": 300},
        {"model": "resnet-pretrained", "steps": 100, "sgd_rate": 0.03},
    ),
)
# fmt: on

TASK = Task(
    slug="image-classification",
    title="Image classification",
    summary="Networks that read handwritten digits and show what they looked at. Train them on your own images.",
    family="Vision",
    actions=(CLASSIFY, EVALUATE, TRAIN),
)
