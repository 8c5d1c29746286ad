import time


def say(inputs, progress, *, model_folder=None, hub_models=()):
    progress.stage("writing")
    words = inputs.words.split(" ")
    prefix = (model_folder / "model.txt").read_text() if model_folder else ""
    for word in words:
        progress.check()
        told = {"text": f"{word} ", "probability": 0.5, "alternatives": [["other", 0.25]]}
        progress.emit("tokens", {"tokens": [told]})
        time.sleep(inputs.seconds)
    text = prefix + " ".join(words)
    return {"text": text.upper() if inputs.loud == "loud" else text, "tokens": len(words),
            "tokens_per_second": 12.5, "device": "Toy <1>", "hub": list(hub_models)}  # fmt: skip


def learn(inputs, progress, *, upload=None, price_per_hour=0.0, power_watts=0.0):
    text = upload.read_text() if upload else "a b c"
    for step in range(inputs.steps):
        progress.check()
        progress.step(step + 1, inputs.steps, loss=1 / (step + 1))
    (progress.folder / "model.txt").write_text(f"{text}|")
    return {"words": len(text.split()), "speed": 100.0, "unknown": None, "device": "Toy <1>", "usd": price_per_hour,
            "artifacts": {"model": "model.txt"}}  # fmt: skip


def estimate(inputs, *, device=None):
    speed = (device or {}).get("toy_step_speed")
    seconds = inputs.steps / (speed or 10.0) * (3 if inputs.size == "large" else 1)
    return {"steps": inputs.steps, "seconds": seconds, "usd": seconds / 3600 * device["usd_per_hour"], "kwh": 0.0,
            "within_budget": True, "basis": "measured" if speed else "reference"}  # fmt: skip
