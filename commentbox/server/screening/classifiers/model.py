"""A model of the local classifier: one weight for each place, in a file of less than a hundred kilobytes.

The first line says in JSON what the model is: how many examples of which languages it learned from, when, and its version, which
is a hash of the weights. The second holds the weights, one byte each.
"""

import base64
import hashlib
import json
import math
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commentbox.server.screening.classifiers.features import PLACES, features

FORM = "commentbox-classifier-1"
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Model:
    """What was learned. `scale` turns a stored byte back into a weight; `learned` is what the first line says besides."""

    weights: "array[int]"
    scale: float
    bias: float
    learned: dict[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Give the model's name: equal for equal weights."""
        whole = self.weights.tobytes() + f"{self.scale!r} {self.bias!r}".encode()
        return hashlib.sha256(whole).hexdigest()[:12]

    def score(self, text: str) -> float:
        """Give a text's score: from 0, which is fine, to 1."""
        total = sum(self.weights[place] * weight for place, weight in features(text).items())
        return logistic(self.bias + self.scale * total)


def logistic(value: float) -> float:
    """Squeeze any number between 0 and 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def packed(weights: list[float], bias: float, learned: dict[str, Any]) -> Model:
    """Give the model of plain weights: each rounded to one of 255 steps, which costs nothing one can measure."""
    scale = (max(map(abs, weights), default=0.0) or 1.0) / 127
    return Model(array("b", (round(each / scale) for each in weights)), scale, bias, learned)


def save(model: Model, file: Path) -> None:
    """Write a model."""
    head = {"form": FORM, "version": model.version, "scale": model.scale, "bias": model.bias, "learned": model.learned}
    body = base64.b64encode(model.weights.tobytes()).decode()
    file.write_text(f"{json.dumps(head, ensure_ascii=False)}\n{body}\n", "utf-8")


def read(file: Path) -> Model:
    """Read a model. Raises ValueError with a sentence for the operator."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError(f"{file} is too large to be a model")
        first, second = file.read_text("utf-8").splitlines()
        head, weights = json.loads(first), array("b", base64.b64decode(second, validate=True))
        model = Model(weights, float(head["scale"]), float(head["bias"]), dict(head["learned"]))
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file} is no model of `commentbox classifier train` ({error})") from None
    if head.get("form") != FORM or len(weights) != PLACES or head.get("version") != model.version:
        raise ValueError(f"{file} is of another form, or was changed since it was made; train it again")
    return model
