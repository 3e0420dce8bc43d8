"""What the server writes to the disk is read by nobody else on the machine, whatever the shell says."""

import os
import stat
import subprocess
import sys
from pathlib import Path


def test_the_database_and_the_secret_are_for_their_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = os.environ | {"COMMENTBOX_DATA_DIR": str(data), "COMMENTBOX_DEMO": "1"}
    program = "import os; os.umask(0o022); from commentbox.cli import main; main()"
    for words in (["migrate"], ["site", "create", "gazette", "--origin", "http://news.localhost:8001"], ["doctor"]):
        subprocess.run([sys.executable, "-c", program, *words], env=environment, capture_output=True, check=False)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) & 0o077 for each in (data, *data.iterdir())}
    assert {"commentbox.sqlite3", "secret.key"} <= set(modes)
    assert not any(modes.values()), modes
