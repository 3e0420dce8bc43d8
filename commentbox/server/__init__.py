"""The comment server: rooms by feature, fronts by audience. See docs/architecture.md."""
