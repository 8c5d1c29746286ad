"""The runner ``"task"``: one action of an ML task, inside a worker.

The payload is ``{"task", "action", "inputs", "files"}``: ``inputs`` as JSON of the declared inputs, ``files`` maps a
``media()`` field to the id of an upload and a field of ``artifact_folders`` to the id of the job that made the
artifacts. Who may use which file was decided when the job was submitted (``portal.demos.runs``).
"""

from __future__ import annotations

import inspect
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop

from mlcore.reading import read_inputs
from mlcore.registry import all_tasks
from mlcore.results import check_results
from mlcore.task import Action
from portal.demos.models import Upload
from portal.jobs import strict
from portal.jobs.artifacts import Damaged, artifact_open
from portal.jobs.models import Artifact
from portal.jobs.progress import JobRun

UPLOAD_GONE = gettext_noop("The uploaded file has expired. Upload it again and start the run anew.")
MODEL_GONE = gettext_noop("The model of that run is not on this machine any more. Choose another, or train it again.")


def run(payload: dict[str, Any], run: JobRun) -> dict[str, Any]:
    """Call the action's entry; what it measured goes out under the names of quantities.

    Raises:
        ValueError: the task or a file is gone, what the action finds wrong with its inputs, or a result that is not of
            the kind that was declared.
    """
    action = _action(payload)
    inputs: Any = read_inputs(action.inputs, payload["inputs"])
    entry = action.load()
    given = {**_files(action, payload.get("files", {}), run.folder), **_offered(entry, run)}
    returned = dict(entry(inputs, run, **given))
    artifacts = returned.pop("artifacts", {})
    returned = strict.plain(returned)
    check_results(action, returned)
    run.device = returned.get("device", run.device)
    return {"results": returned, "measures": _measures(action, returned), "artifacts": artifacts}


def _action(payload: Mapping[str, Any]) -> Action:
    try:
        return all_tasks()[payload["task"]].action(payload["action"])
    except KeyError as problem:
        raise ValueError("This portal does not have the task of this job any more.") from problem


def _offered(entry: Callable[..., Any], run: JobRun) -> dict[str, Any]:
    """What the machine and its operator offer; an entry gets what it has a parameter for."""
    offered: dict[str, Any] = {
        "price_per_hour": run.usd_per_hour,
        "power_watts": run.watts,
        "hub_models": settings.HUB_MODELS if settings.HUB_ENABLED else (),
        "hub_cache": Path(settings.STATE) / "hub",
        "cifar10": Path(settings.CIFAR10) if settings.CIFAR10 else None,
    }
    wanted = inspect.signature(entry).parameters
    return {name: value for name, value in offered.items() if name in wanted}


def _files(action: Action, files: Mapping[str, str], folder: Path) -> dict[str, Path]:
    found = {}
    for name, uid in files.items():
        if name in action.artifact_folders:
            found[action.artifact_folders[name]] = _artifact_folder(uid)
        else:
            found[name] = _own_copy(uid, folder / "uploads" / name)
    return found


def _own_copy(uid: str, kept: Path) -> Path:
    """The upload, in the job's own folder: it expires there with the job, so a later attempt finds it still."""
    if kept.is_file():
        return kept
    try:
        source = Upload.objects.get(uid=uid).path
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".part")
        shutil.copyfile(source, partial)
        os.replace(partial, kept)
    except (Upload.DoesNotExist, FileNotFoundError) as problem:
        raise ValueError(UPLOAD_GONE) from problem
    return kept


def _artifact_folder(job_uid: str) -> Path:
    """The folder of a job's artifacts, each proven to have the bytes that were recorded.

    Raises:
        ValueError: there are none any more, or a file has other bytes.
    """
    artifacts = list(Artifact.objects.filter(job__uid=job_uid))
    if not artifacts:
        raise ValueError(MODEL_GONE)
    for artifact in artifacts:
        try:
            artifact_open(artifact).close()
        except Damaged as problem:
            raise ValueError(str(problem)) from problem
    return Path(settings.ARTIFACTS) / os.path.commonpath([str(Path(a.path).parent) for a in artifacts])


def _measures(action: Action, returned: Mapping[str, Any]) -> dict[str, Any]:
    """Results by their quantity. What could not be measured is left out, as nothing may be filled with it."""
    return {
        result.quantity: returned[name]
        for name, result in action.results.items()
        if result.quantity and returned.get(name) is not None
    }
