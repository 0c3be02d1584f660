"""What ``dagster dev`` and ``dagster-webserver`` load: the only module that acts on import."""

from orchestration.definitions import build_definitions

defs = build_definitions()
