"""Learning a model from examples: logistic regression on hashed pieces of text, by stochastic gradient descent with AdaGrad
(J. Duchi, E. Hazan, Y. Singer, JMLR 12, 2011). Plain Python; ten thousand comments take some ten seconds. Pure.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from commentbox.server.screening.classifiers.features import PLACES, features
from commentbox.server.screening.classifiers.model import Model, logistic, packed

ROUNDS = 4
STEP = 0.5
SHRINK = 2e-6
"""How much a weight is drawn to nothing each time it is used, so that a piece seen once says little."""
FEWEST = 20
"""Of either kind; from fewer nothing can be learned that is worth a name."""
SEED = 20261122
"""The order of examples is shuffled, and always the same: who trains again gets the same model."""


@dataclass(frozen=True)
class Example:
    """A text, whether a moderator should look at it, and its language."""

    text: str
    is_bad: bool
    lang: str = ""


def train(examples: Sequence[Example], *, day: str, rounds: int = ROUNDS) -> Model:
    """Give the model that examples teach. Raises ValueError where there are too few of either kind."""
    bad = sum(each.is_bad for each in examples)
    if min(bad, len(examples) - bad) < FEWEST:
        raise ValueError(f"needs {FEWEST} examples of each kind at least; there are {len(examples) - bad} and {bad}")
    weights, bias = _descend(examples, rounds=rounds, heavier=(len(examples) - bad) / bad)
    langs = dict(sorted(Counter(each.lang or "?" for each in examples).items()))
    return packed(weights, bias, {"day": day, "examples": len(examples), "bad": bad, "langs": langs})


def _descend(examples: Sequence[Example], *, rounds: int, heavier: float) -> tuple[list[float], float]:
    """`heavier` is how much more an example of the rarer kind counts, its root: half of the way to equal numbers."""
    weights, squares, bias, bias_square = [0.0] * PLACES, [1e-3] * PLACES, 0.0, 1e-3
    seen = [(list(features(each.text).items()), each.is_bad) for each in examples]
    factor = heavier**0.5
    order = random.Random(SEED)
    for _round in range(rounds):
        order.shuffle(seen)
        for places, is_bad in seen:
            guess = logistic(bias + sum(weights[place] * weight for place, weight in places))
            wrong = (guess - is_bad) * (factor if is_bad else 1.0)
            for place, weight in places:
                slope = wrong * weight + SHRINK * weights[place]
                squares[place] += slope * slope
                weights[place] -= STEP * slope / squares[place] ** 0.5
            bias_square += wrong * wrong
            bias -= STEP * wrong / bias_square**0.5
    return weights, bias
