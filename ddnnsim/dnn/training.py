"""Joint training of all exits, as in Teerapittayanon et al., ICDCS 2017, sec. III-C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, cos, pi

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ddnnsim.dnn.data.datasets import Split
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.threads import torch_threads
from ddnnsim.errors import UserError
from ddnnsim.scenario import Training
from ddnnsim.seeds import stream

THREADS = 1
"""Fixed, so that the weights do not depend on how many cores there are. The tensors are small: a second
thread gains little on an idle machine, and on a busy one the two wait for each other many times longer."""

Progress = Callable[[int, int, tuple[float, ...]], None]
"""Is told, after every epoch: epochs done, epochs in all, and the mean loss of each exit."""


def torch_generator(seed: int, name: str) -> torch.Generator:
    """Return torch's generator of *name* under *seed*; torch's global one is left alone."""
    return torch.Generator().manual_seed(int(stream(seed, name).integers(2**63)))


@dataclass(frozen=True)
class Lessons:
    """What the exits learn from."""

    images: Tensor
    """(samples, V, C, H, W), 0..255."""
    labels: Tensor
    """By sample, the class that each exit should give: (samples, exits)."""
    weights: Sequence[float]
    """Of each exit in the joint loss."""


def train(model: DDNN, split: Split, training: Training, progress: Progress | None = None) -> None:
    """Train *model* on *split*: the loss is the sum of the exits' cross-entropies times their weights.

    The exits of several groups have the weight of their key each. With `training.view_dropout`, each view of
    each sample is left out with that probability, but never all of them: it teaches the exits to do without. An
    exit learns from the samples of which it has a view. The model is left in evaluation mode, on the CPU; the
    weights are the same bits in any process where the CPU trains.
    """
    exits = model.network.exits
    labels = torch.from_numpy(split.labels)[:, None].expand(-1, len(exits))  # (samples, exits)
    weights = [training.exit_weights[exit_.key] for exit_ in exits]
    learn(model, Lessons(torch.from_numpy(split.images), labels, weights), training, progress)


def learn(model: DDNN, lessons: Lessons, training: Training, progress: Progress | None = None) -> None:
    """Train *model* on *lessons*, as `train` does."""
    images, labels = lessons.images, lessons.labels
    model.to(training_device(training))
    order = torch_generator(training.seed, "training/order")
    dropout = torch_generator(training.seed, "training/view_dropout")
    optimizer = torch.optim.Adam(
        model.parameters(), lr=training.learning_rate, betas=(0.9, 0.999), eps=1e-8, fused=True
    )
    model.train()
    with torch_threads(THREADS):
        for epoch in range(training.epochs):
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(training, epoch)
            batches = mini_batches(len(labels), training.batch, order)
            present = views_present(len(images), images.shape[1], training.view_dropout, dropout)
            losses = torch.stack(
                [_step(model, optimizer, images[b], present[b], labels[b], lessons.weights) for b in batches]
            )  # (batches, exits)
            if progress is not None:
                progress(epoch + 1, training.epochs, tuple(losses.mean(dim=0).tolist()))
        _settle_norms(model, [images[b] for b in mini_batches(len(labels), training.batch, order)])
    model.to("cpu").eval()


def training_device(training: Training) -> torch.device:
    """Return what *training* runs on: with `auto` CUDA where there is any; UserError if it is asked for in vain."""
    there_is = torch.cuda.is_available()
    if training.device == "cuda" and not there_is:
        raise UserError("training.device is 'cuda', but torch finds none here: write 'auto' or 'cpu'")
    return torch.device("cuda" if there_is and training.device != "cpu" else "cpu")


def mini_batches(samples: int, batch: int, generator: torch.Generator) -> tuple[Tensor, ...]:
    """Return all samples once, shuffled, in mini-batches of at most *batch* whose sizes differ by at most one.

    No sample is left alone, even where *batch* asks for it: batch norm needs two.
    """
    count = max(1, min(ceil(samples / batch), samples // 2))
    return torch.randperm(samples, generator=generator).tensor_split(count)


def learning_rate(training: Training, epoch: int) -> float:
    """Return the step size of *epoch*, from 0: with the schedule `cosine` it falls to a hundredth at the end.

    Binary weights turn whole: smaller steps towards the end let them, and the norms, settle.
    """
    if training.schedule == "constant":
        return training.learning_rate
    fallen = 0.5 * (1 + cos(pi * epoch / training.epochs))
    return training.learning_rate * (0.01 + 0.99 * fallen)


def views_present(samples: int, views: int, dropout: float, generator: torch.Generator) -> Tensor:
    """Return which views are present, (samples, views): each is left out with probability *dropout*, never all.

    A sample that would be left without a view keeps one, any of them.
    """
    luck = torch.rand(samples, views, generator=generator)  # (samples, views)
    kept = luck == luck.amax(dim=1, keepdim=True)
    return (luck >= dropout) | kept


def _step(
    model: DDNN,
    optimizer: torch.optim.Adam,
    images: Tensor,
    present: Tensor,
    labels: Tensor,
    exit_weights: Sequence[float],
) -> Tensor:
    """Learn from one mini-batch, *labels* (B, exits), and return the loss of each exit, (exits,)."""
    device = next(model.parameters()).device
    images, present, labels = images.to(device), present.to(device), labels.to(device)
    answering = model.answering(present)  # (B, exits)
    losses = torch.stack(
        [_loss(scores, labels[:, number], answering[:, number]) for number, scores in enumerate(model(images, present))]
    )  # (exits,)
    optimizer.zero_grad()
    (losses * losses.new_tensor(exit_weights)).sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    with torch.no_grad():
        for weight in model.binary_weights():
            weight.clamp_(-1, 1)
    return losses.detach()


def _loss(scores: Tensor, labels: Tensor, answering: Tensor) -> Tensor:
    """Return the mean cross-entropy of *scores*, (B, classes), over the samples *answering*, (B,); 0 of none."""
    if not answering.any():
        return scores.sum() * 0
    return F.cross_entropy(scores[answering], labels[answering])


@torch.no_grad()
def _settle_norms(model: DDNN, batches: Sequence[Tensor]) -> None:
    """Give the batch norms the mean statistics of *batches* under the final weights.

    Running averages lag behind: while training, each sign that turns moves the sums that they average.
    """
    norms = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean of all batches
    device = next(model.parameters()).device
    for batch in batches:
        images = batch.to(device)
        model(images, torch.ones(images.shape[:2], dtype=torch.bool, device=device))
