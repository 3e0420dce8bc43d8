"""Gives the built package the same dependencies that `runtime.in` lists, so that they stand in one place."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface


class RuntimeDependencies(MetadataHookInterface):
    """Reads `requirements/runtime.in`; comments and blank lines do not count."""

    def update(self, metadata: dict) -> None:
        """Fill `dependencies` of the project metadata in place."""
        lines = Path(self.root, "requirements/runtime.in").read_text("utf-8").splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]
