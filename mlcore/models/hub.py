"""Checkpoints from a model hub: those that an operator allows, at a pinned commit, without code and without pickles.

Each rule answers a known attack: a moved branch (a full commit hash is wanted), code in the repository (``auto_map`` is
refused, ``trust_remote_code`` is never set), pickled weights (only safetensors are fetched and read), and an unexpected
architecture (an allow-list).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from tokenizers import Tokenizer

from mlcore.data.tokenizer import token_bytes
from mlcore.infer.speakers import HubSpeaker

ARCHITECTURES = ("GPT2LMHeadModel", "GPTNeoForCausalLM", "GPTNeoXForCausalLM", "LlamaForCausalLM", "Qwen2ForCausalLM")
_FETCHED = ("config.json", "generation_config.json", "tokenizer.json", "*.safetensors", "*.safetensors.index.json")
_NAME = r"[A-Za-z0-9][\w.-]{0,95}"
_REFERENCE = re.compile(rf"(?P<repository>{_NAME}/{_NAME})@(?P<revision>[0-9a-f]{{40}})", re.ASCII)
_MAX_JSON_BYTES = 32 * 1024 * 1024


def load_hub_model(reference: str, *, allowed: Collection[str], cache: Path | None = None) -> HubSpeaker:
    """The model that ``reference`` (repository@commit) names, if it is among ``allowed``.

    ``cache`` is a folder in the hub's own cache layout; what it holds is not fetched again.

    Raises:
        ValueError: not allowed, not pinned, not to be had, or not what can be loaded safely.
    """
    repository, revision = check_reference(reference, allowed)
    return load_folder(_fetched(repository, revision, cache))


def check_reference(reference: str, allowed: Collection[str]) -> tuple[str, str]:
    """Repository and revision; raises ValueError unless ``reference`` is pinned and allowed."""
    if not allowed:
        raise ValueError("Hub model: no checkpoints are loaded from a hub here. Empty the field for the starter model.")
    found = _REFERENCE.fullmatch(reference)
    if not found or ".." in reference:
        raise ValueError(
            "Hub model: wanted repository@revision with a full commit hash of 40 hexadecimal digits, "
            f"got {reference[:80]!r}."
        )
    if reference not in allowed:
        permitted = ", ".join(sorted(allowed))
        raise ValueError(f"Hub model: wanted one that the operator allows ({permitted}), got {reference}.")
    return found["repository"], found["revision"]


def load_folder(folder: Path) -> HubSpeaker:
    """A checkpoint in a folder of the hub's file names.

    Raises:
        ValueError: another architecture, code, weights that are not safetensors, or a tokenizer that is not byte-level.
    """
    config = _config(folder)
    architecture = config["architectures"][0]
    if not list(folder.glob("*.safetensors")):
        raise ValueError("Hub model: wanted weights as safetensors, found none; other formats can carry code.")
    tokenizer = _tokenizer(folder)
    pieces = token_bytes(tokenizer)
    # Takes seconds to import, which a refusal should not cost.
    import transformers

    try:
        model = getattr(transformers, architecture).from_pretrained(
            folder, use_safetensors=True, local_files_only=True, trust_remote_code=False, dtype="float32"
        )
    except Exception as problem:  # of transformers and safetensors, which share no base
        raise ValueError(f"Hub model: the checkpoint could not be loaded ({type(problem).__name__}).") from problem
    return HubSpeaker(model, tokenizer, pieces, _end_ids(config, tokenizer), _context(model.config))


def _fetched(repository: str, revision: str, cache: Path | None) -> Path:
    where: dict[str, Any] = {
        "repo_id": repository,
        "revision": revision,
        "cache_dir": cache,
        "allow_patterns": list(_FETCHED),
    }
    try:
        return Path(snapshot_download(**where, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(snapshot_download(**where))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as problem:
        raise ValueError(
            f"Hub model: {repository} at {revision[:12]} could not be fetched ({type(problem).__name__}). "
            "Check the name and the commit, or that this machine reaches the hub."
        ) from problem


def _config(folder: Path) -> dict[str, Any]:
    config = _json(folder / "config.json")
    if "auto_map" in config:
        raise ValueError("Hub model: this checkpoint brings code of its own (auto_map), which is never run here.")
    architectures = config.get("architectures")
    if not isinstance(architectures, list) or len(architectures) != 1 or architectures[0] not in ARCHITECTURES:
        raise ValueError(f"Hub model: wanted one of {', '.join(ARCHITECTURES)}, got {str(architectures)[:80]}.")
    return config


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file() or path.stat().st_size > _MAX_JSON_BYTES:
        raise ValueError(f"Hub model: wanted {path.name} of at most {_MAX_JSON_BYTES:,} bytes, found none.")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"Hub model: {path.name} is not JSON ({type(problem).__name__}).") from None
    if not isinstance(value, dict):
        raise ValueError(f"Hub model: wanted an object in {path.name}, got something else.")
    return value


def _tokenizer(folder: Path) -> Tokenizer:
    _json(folder / "tokenizer.json")
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as problem:  # the library raises bare Exception
        raise ValueError(f"Hub model: tokenizer.json could not be read ({problem}).") from None
    tokenizer.encode_special_tokens = True
    return tokenizer


def _end_ids(config: dict[str, Any], tokenizer: Tokenizer) -> frozenset[int]:
    ends = config.get("eos_token_id")
    found = ends if isinstance(ends, list) else [ends]
    return frozenset(index for index in found if isinstance(index, int) and 0 <= index < tokenizer.get_vocab_size())


def _context(config: Any) -> int:
    """The most positions that the model was made for."""
    return int(getattr(config, "n_positions", None) or config.max_position_embeddings)
