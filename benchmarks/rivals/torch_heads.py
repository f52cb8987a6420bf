"""Heads in PyTorch: one after another or stacked, eager or compiled."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from benchmarks import heads
from benchmarks.naive import SEED

_DROPOUT, _LR, _EPSILON = 0.5, 0.0005, 1e-7
_N_ROWS = 12_800


def step_seconds(kind: str, steps: int) -> float:
    """Seconds of so many steps of Adam, of all heads that ``kind`` trains at once."""
    step = _step(kind)
    batches = _batches(steps)
    began = time.perf_counter()
    for batch in batches:
        step(batch)
    return time.perf_counter() - began


def evaluation_seconds(n_rows: int) -> float:
    """Seconds of so many images through all heads, to accuracy and loss."""
    import torch

    features, labels = _placed()
    parameters = _parameters(heads.N_HEADS)
    began = time.perf_counter()
    with torch.inference_mode():
        for start in range(0, n_rows, 1024):
            index = torch.arange(start, min(start + 1024, n_rows)) % len(features)
            logits = _logits(parameters, features[index].float(), 0.0)
            of = labels[index].expand(len(logits), -1)
            torch.nn.functional.cross_entropy(logits.flatten(0, 1), of.flatten(), reduction="none")
            (logits.argmax(-1) == of).float().mean(1)
    return time.perf_counter() - began


def losses(kind: str, weights: Any, batches: Any, targets: Any) -> list[float]:
    """The mean loss of one head at each step, without dropout, from given weights: for comparison."""
    import torch

    n_heads = heads.N_HEADS if "stacked" in kind else 1
    parameters = [torch.tensor(one).expand(n_heads, *one.shape).clone().requires_grad_() for one in weights]
    step = _stepper(parameters, "compiled" in kind, 0.0)
    both = zip(batches, targets, strict=True)
    return [float(step(torch.tensor(x), torch.tensor(y).long())) / n_heads for x, y in both]


@functools.cache
def _step(kind: str) -> Callable[[Any], Any]:
    features, labels = _placed()
    parameters = _parameters(heads.N_HEADS if "stacked" in kind else 1)
    step = _stepper(parameters, "compiled" in kind, _DROPOUT)
    return lambda batch: step(features[batch].float(), labels[batch])


def _stepper(parameters: list[Any], compiled: bool, dropout: float) -> Callable[[Any, Any], Any]:
    import torch

    optimiser = torch.optim.Adam(parameters, lr=_LR, eps=_EPSILON, fused=True)

    def loss_of(x: Any, y: Any) -> Any:
        logits = _logits(parameters, x, dropout)
        of = y.expand(len(logits), -1)
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), of.flatten()) * len(logits)

    if compiled:
        loss_of = torch.compile(loss_of)

    def step(x: Any, y: Any) -> Any:
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(x, y)
        loss.backward()
        optimiser.step()
        return loss.detach()

    return step


def _logits(parameters: list[Any], x: Any, dropout: float) -> Any:
    """Of shape (n_heads, n_rows, n_classes)."""
    import torch

    kernel, bias, out_kernel, out_bias = parameters
    if len(kernel) == 1:
        hidden = torch.relu(torch.addmm(bias[0], x, kernel[0]))[None]
    else:
        hidden = torch.relu(torch.baddbmm(bias[:, None], x.expand(len(kernel), -1, -1), kernel))
    if dropout:
        hidden = torch.nn.functional.dropout(hidden, dropout)
    return torch.baddbmm(out_bias[:, None], hidden, out_kernel)


@functools.cache
def _placed() -> tuple[Any, Any]:
    import torch

    features, labels = heads.data(_N_ROWS)
    return torch.tensor(features).half(), torch.tensor(labels).long()


def _parameters(n_heads: int) -> list[Any]:
    import torch

    from study.training.batches import N_HIDDEN

    generator = torch.Generator().manual_seed(SEED)
    shapes = ((heads.N_FEATURES, N_HIDDEN), (N_HIDDEN,), (N_HIDDEN, heads.N_CLASSES), (heads.N_CLASSES,))
    return [(0.05 * torch.randn(n_heads, *shape, generator=generator)).requires_grad_() for shape in shapes]


def _batches(steps: int) -> Any:
    import torch

    generator = torch.Generator().manual_seed(SEED)
    return torch.randint(0, _N_ROWS, (steps, heads.BATCH), generator=generator)
