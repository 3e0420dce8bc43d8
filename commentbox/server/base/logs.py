"""JSON logs on standard output without personal data: ids, codes and counts; of an error its kind and place, never its text.

An exception's message may quote what a person sent (a database error quotes the row), so it stays out. What other
libraries log goes through the same sieve. Called once by the command line.
"""

import logging
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.types import Processor
from structlog.typing import EventDict

TALKATIVE = ("httpx", "httpcore", "asyncio", "aiosqlite", "sqlalchemy", "alembic", "uvicorn.error", "uvicorn.access")
"""Libraries whose everyday lines carry addresses with query strings, or nothing of use; their warnings stay."""


def configure(level: str = "INFO") -> None:
    """Send every log line of this process, ours and the libraries', to standard output as JSON."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stdout)
    render: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(),
    ]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=render))
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def without_words(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Put kind and place of an exception where its text would have been."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    record = event.get("_record")
    if record is not None:
        record.exc_info = record.exc_text = None
    if isinstance(error, BaseException):
        event["error"] = _kinds(error)
        event["trace"] = _places(error.__traceback__)
    return event


def _kinds(error: BaseException) -> list[str]:
    kinds: list[str] = []
    following: BaseException | None = error
    while following is not None and len(kinds) < 5:
        kinds.append(type(following).__name__)
        following = following.__cause__ or following.__context__
    return kinds


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-12:]
