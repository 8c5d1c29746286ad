"""A serving engine simulated step by step: continuous batching as vLLM's scheduler does it.

Every step decodes a token for each running sequence, and spends what is left of the token budget on prompts, in the
order in which they came; long prompts are computed in pieces. Sequences hold blocks of the key-value pool; when none
is left, the one that came last gives its blocks back and is computed again later (Kwon et al. 2023, arXiv 2309.06180,
section 4.5; chunked prefill: Agrawal et al. 2024, arXiv 2403.02310).

Time comes from a function of what a step computes, so any model of a step will do. As long as the batch does not
change, steps are taken together, the time of a step growing evenly with the contexts. Nothing is drawn here: the same
requests give the same times.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from math import ceil, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from portal.planning.serving.pool import BLOCK
from portal.planning.serving.traffic import Requests

# Seconds of a step, of: tokens of prompts; pairs of such a token and one that it looks back on; sequences that are
# decoded; tokens in their caches together.
StepTime = Callable[[int, float, int, int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the engine may do at once.

    Raises:
        ValueError: a limit below 1, or a budget that does not give each sequence its token.
    """

    batched_tokens: int = 2048  # that a step computes
    sequences: int = 256  # that run at once
    blocks: int  # of the key-value pool
    ahead: bool = True  # a step is put together while the one before it runs, as vLLM does since 0.14

    def __post_init__(self) -> None:
        if min(self.batched_tokens, self.sequences, self.blocks) < 1:
            raise ValueError(f"limits are at least 1, got {self}")
        if self.batched_tokens < self.sequences:
            raise ValueError(
                f"a step of {self.batched_tokens} tokens cannot decode {self.sequences} sequences: "
                "allow more tokens or fewer sequences"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds of every request, in the order of the requests, and what the engine did."""

    first: NDArray[np.float64]  # from arrival to the first token
    between: NDArray[np.float64]  # mean between two tokens; NaN for an answer of one token
    whole: NDArray[np.float64]  # from arrival to the last token
    makespan: float  # when the last token was written
    busy: float  # seconds of all steps
    steps: int
    written: int  # tokens of answers
    computed: int  # tokens of prompts, those computed again included
    preemptions: int


def simulate(requests: Requests, limits: Limits, step_time: StepTime) -> Times:
    """Run all requests to their ends.

    Raises:
        ValueError: no requests, one that the pool could never hold, or a step that takes no time.
    """
    if not len(requests):
        raise ValueError("wanted at least one request")
    own = -(-(requests.prompt + requests.answer - 1) // BLOCK) - requests.cached // BLOCK
    if own.max() > limits.blocks:
        at = int(own.argmax())
        raise ValueError(
            f"a request of {requests.prompt[at]} + {requests.answer[at]} tokens needs {own[at]} blocks, the pool has "
            f"{limits.blocks}: shorten requests or leave more memory to the pool"
        )
    return _Engine(requests, limits, step_time).run()


class _Engine:
    """The state between two steps. Decoding sequences are counted, not visited: what differs among them is when they
    end (a heap) and when they need their next block (counts by remainder)."""

    def __init__(self, requests: Requests, limits: Limits, step_time: StepTime) -> None:
        self.limits, self.step_time = limits, step_time
        self.arrival: list[float] = requests.arrival.tolist()
        # Tokens to compute before the next one is written, and tokens to write; a preempted request has to compute
        # what it had written too.
        self.prompt: list[int] = requests.prompt.tolist()
        self.left: list[int] = requests.answer.tolist()
        self.shared: list[int] = (requests.cached // BLOCK).tolist()  # blocks
        self.answer = requests.answer
        number = len(requests)
        self.first, self.last = [inf] * number, [inf] * number
        self.joined = [0] * number  # step at which a sequence began to decode
        self.turn = [0] * number  # how often it was preempted, which makes its entries in the heap void
        self.done = [0] * number  # tokens of the prompt that are in the cache, while it is computed
        self.arrived = 0
        self.waiting: deque[int] = deque()
        self.prefilling: deque[int] = deque()
        self.running: dict[int, None] = {}  # in the order of admission
        self.ends: list[tuple[int, int, int]] = []
        self.grows = [0] * BLOCK
        self.batch = self.context = 0
        self.free = limits.blocks
        self.now = self.horizon = 0.0  # requests that came later than the horizon are not seen yet
        self.step = 0
        self.busy = 0.0
        self.computed = self.preemptions = 0

    def run(self) -> Times:
        total = len(self.arrival)
        while self.arrived < total or self.waiting or self.running:
            if not self.running and not self.waiting:
                self.now = self.horizon = max(self.now, self.arrival[self.arrived])
            while self.arrived < total and self.arrival[self.arrived] <= self.horizon:
                self.waiting.append(self.arrived)
                self.arrived += 1
            self._make_room()
            pieces = self._pieces() if self.prefilling or self.waiting else ()
            if pieces:
                self._mixed_step(pieces)
            else:
                self._decode()
        return self._times()

    def _make_room(self) -> None:
        """Give blocks back until every decoding sequence can write its next token."""
        while self.free < self.grows[-self.step % BLOCK]:
            self._preempt()

    def _preempt(self) -> None:
        request, _ = self.running.popitem()
        if request in self.prefilling:
            self.prefilling.remove(request)
            self.free += self._held(request, self.done[request])
        else:
            written = self.step - self.joined[request]
            self._leave(request)
            self.prompt[request] += written + 1  # the last token was written but is not in the cache
            self.left[request] -= written
        self.done[request] = 0
        self.turn[request] += 1
        self.preemptions += 1
        self.waiting.appendleft(request)

    def _leave(self, request: int) -> None:
        """A sequence decodes no longer."""
        length = self.prompt[request] + self.step - self.joined[request]
        self.batch -= 1
        self.context -= length
        self.grows[(length - self.step) % BLOCK] -= 1
        self.free += self._held(request, length)

    def _held(self, request: int, tokens: int) -> int:
        """Blocks that only this request needs. Those of a shared prefix stay in the pool of their own."""
        return max(-(-tokens // BLOCK) - self.shared[request], 0)

    def _pieces(self) -> list[tuple[int, int]]:
        """Prompts of the next step and how many tokens of each are computed, within budget and free blocks."""
        budget = self.limits.batched_tokens - self.batch
        free = self.free - self.grows[-self.step % BLOCK]
        pieces: list[tuple[int, int]] = []
        for request in self.prefilling:
            if not budget:
                break
            tokens = min(self.prompt[request] - self.done[request], budget)
            blocks = self._held(request, self.done[request] + tokens) - self._held(request, self.done[request])
            if blocks > free:
                break
            free -= blocks
            budget -= tokens
            pieces.append((request, tokens))
        while self.waiting and budget and len(self.running) < self.limits.sequences:
            request = self.waiting[0]
            cached = min(self.shared[request] * BLOCK, self.prompt[request] - 1)
            tokens = min(self.prompt[request] - cached, budget)
            blocks = self._held(request, cached + tokens)
            if blocks > free:
                break
            self.waiting.popleft()
            self.running[request] = None
            self.prefilling.append(request)
            self.done[request] = cached
            free -= blocks
            budget -= tokens
            pieces.append((request, tokens))
        return pieces

    def _mixed_step(self, pieces: list[tuple[int, int]]) -> None:
        prompt_tokens, pairs = 0, 0.0
        for request, tokens in pieces:
            before = self.done[request]
            prompt_tokens += tokens
            pairs += tokens * (before + tokens / 2)
            self.free -= self._held(request, before + tokens) - self._held(request, before)
            self.done[request] = before + tokens
        self.computed += prompt_tokens
        self._pass(1, self._checked(prompt_tokens, pairs, self.context))
        for request, _ in pieces:
            if self.done[request] == self.prompt[request]:
                self.prefilling.remove(request)
                self._write_first(request)
        self._end_sequences()

    def _write_first(self, request: int) -> None:
        """The step that completes a prompt writes the next token."""
        if self.first[request] == inf:
            self.first[request] = self.now
        self.left[request] -= 1
        self.joined[request] = self.step
        self.batch += 1
        self.context += self.prompt[request]
        self.grows[(self.prompt[request] - self.step) % BLOCK] += 1
        heappush(self.ends, (self.step + self.left[request], request, self.turn[request]))

    def _decode(self) -> None:
        """Steps that decode alone, until a sequence ends, a request is seen, or blocks may run out."""
        steps = self._next_end() - self.step
        # A sequence needs a block every 16 steps; where that may not be left, one step at a time.
        steps = min(steps, max(self.free // self.batch * BLOCK, 1))
        seconds = self._checked(0, 0.0, self.context)
        growth = 0.0
        if steps > 1:
            growth = (self._checked(0, 0.0, self.context + (steps - 1) * self.batch) - seconds) / (steps - 1)
            if self.arrived < len(self.arrival) and not self.waiting:
                steps = min(steps, self._until_seen(self.arrival[self.arrived], seconds, growth))
        self._pass(steps, seconds, growth)
        self._end_sequences()

    def _until_seen(self, arrival: float, seconds: float, growth: float) -> int:
        """Steps after which a request is seen that comes at ``arrival``."""
        gap = arrival - self.now
        steps = 0
        if gap > 0:
            # n steps take n × seconds + growth × n (n − 1)/2; solved so that no digits cancel when nothing grows.
            growth = max(growth, 0.0)
            slope = seconds - growth / 2
            steps = ceil(2 * gap / (slope + sqrt(slope * slope + 2 * growth * gap)) - 1e-9)
        return max(steps + self.limits.ahead, 1)

    def _pass(self, steps: int, seconds: float, growth: float = 0.0) -> None:
        """Time goes on by ``steps`` steps, and every decoding sequence by as many tokens."""
        start_of_last, taken = self.now, seconds
        if steps > 1:
            start_of_last += (steps - 1) * (seconds + growth * (steps - 2) / 2)
            taken = steps * (seconds + growth * (steps - 1) / 2)
        self.now += taken
        self.busy += taken
        self.horizon = start_of_last if self.limits.ahead else self.now
        if self.batch:
            whole, rest = divmod(steps, BLOCK)
            self.free -= whole * self.batch
            for step in range(self.step, self.step + rest):
                self.free -= self.grows[-step % BLOCK]
            self.context += steps * self.batch
        self.step += steps

    def _next_end(self) -> int:
        ends = self.ends
        while ends[0][2] != self.turn[ends[0][1]]:
            heappop(ends)
        return ends[0][0]

    def _end_sequences(self) -> None:
        ends = self.ends
        while ends and ends[0][0] <= self.step:
            _, request, turn = heappop(ends)
            if turn != self.turn[request]:
                continue
            self._leave(request)
            del self.running[request]
            self.last[request] = self.now

    def _checked(self, prompt_tokens: int, pairs: float, context: int) -> float:
        seconds = self.step_time(prompt_tokens, pairs, self.batch, context)
        if not 0 < seconds < inf:
            raise ValueError(f"a step takes more than 0 seconds, got {seconds}")
        return seconds

    def _times(self) -> Times:
        arrival, first, last = np.array(self.arrival), np.array(self.first), np.array(self.last)
        gaps = np.where(self.answer > 1, self.answer - 1.0, np.nan)
        return Times(
            first=first - arrival,
            between=(last - first) / gaps,
            whole=last - arrival,
            makespan=self.now,
            busy=self.busy,
            steps=self.step,
            written=int(self.answer.sum()),
            computed=self.computed,
            preemptions=self.preemptions,
        )
