"""The worker of the local classifier: a process of its own, `python -m …worker MODEL`, so that no reader waits for arithmetic.

One line of JSON in, a text; one line out, its score. It ends when nobody writes to it any more, and says nothing else.
"""

import json
import sys
from pathlib import Path

from commentbox.server.screening.classifiers import model


def main(file: str) -> None:
    """Answer until the other end is closed."""
    learned = model.read(Path(file))
    for line in sys.stdin:
        print(round(learned.score(json.loads(line)), 4), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
