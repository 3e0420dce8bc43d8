"""What the promises share: somebody who hears and keeps everything."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from tests.promises.witness import Witness


@pytest.fixture
def witness(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Witness]:
    caplog.set_level(logging.DEBUG)
    seen = Witness(caplog, capfd)
    with structlog.testing.capture_logs() as events:
        seen.events = events
        yield seen
