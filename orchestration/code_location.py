"""What ``dagster dev`` and ``dagster-webserver`` load: the only module that acts on import."""

from orchestration.cli import use_one_thread

use_one_thread()  # before numpy is imported

from orchestration.definitions import build_definitions  # noqa: E402

# So long a schedule waits for a run from the command line; the largest run takes less.
WACHT_SECONDEN = 3600

defs = build_definitions(wacht_seconden=WACHT_SECONDEN)
