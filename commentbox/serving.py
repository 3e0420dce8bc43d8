"""The server process, without the commands it was started by. `commentbox serve` makes everything ready, opens the socket and
becomes this program; nobody else runs it.
"""

import gc
import socket
import sys

import uvicorn

from commentbox.server.app import Server, create_app
from commentbox.server.base import logs
from commentbox.server.base.settings import Settings

try:
    import resource
except ImportError:  # not on Windows, where there is no such limit
    resource = None  # type: ignore[assignment]

STOP_SECONDS = 5
"""How long answers under way may take after the server was told to stop."""
FILES_BESIDE = 200
"""Open files that are no live streams: database, listeners, readers of pages."""


def run_server(settings: Settings, listener: socket.socket) -> None:
    """Serve on a bound socket until a signal says stop."""
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http="httptools",
        access_log=False,  # ours knows no query strings, see ops.Count
        log_config=None,
        proxy_headers=False,  # gate/addresses.py reads them, from trusted proxies only
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    _spare_the_collector()
    _allow_open_files(settings.live_streams + FILES_BESIDE)
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return


def _spare_the_collector() -> None:
    """Keep the garbage collector from walking everything that was imported, again and again: it never becomes garbage,
    and each full walk held every answer up for tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _allow_open_files(wanted: int) -> None:
    """Raise our own limit of open files as far as we may; many systems begin with 1,024, and a stream is one."""
    if resource is None:
        return
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if limit != resource.RLIM_INFINITY and limit < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def main() -> None:
    """Serve on the socket that was handed down: its number is the one argument."""
    settings = Settings()
    logs.configure(settings.log_level)
    run_server(settings, socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    main()
