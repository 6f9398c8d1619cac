"""The command line: `main` is what `python3 -m evidence_kit` and the console script call.

Commands are thin: they read options, ask the wiring, and print. Nothing heavy is imported before a command needs it,
so that `--help` answers at once. Every command and option is described in docs/commands.md.
"""

from __future__ import annotations

import click

from evidence_kit.cli import (
    arithmetic,
    audit,
    checkout,
    exporting,
    following,
    frameworks,
    keys,
    ledgers,
    offered,
    probing,
    processors,
    registering,
    releasing,
    schemas,
    sealing,
    starting,
    unmasking,
)
from evidence_kit.cli.door import Door

__all__ = ["main"]

COMMANDS = (
    audit.run,
    audit.freeze,
    audit.draw,
    audit.abandon,
    sealing.seal,
    sealing.stamp,
    sealing.zip_,
    releasing.release,
    unmasking.unmask,
    following.compare,
    ledgers.ledger,
    frameworks.frameworks,
    checkout.verify,
    exporting.export,
    arithmetic.plan,
    arithmetic.deadline,
    checkout.rehearse,
    audit.check,
    starting.init,
    keys.keys,
    offered.channels,
    probing.probe,
    probing.drill,
    schemas.schema,
    processors.processors,
    registering.register,
    checkout.lab,
    checkout.bench,
    checkout.test,
    checkout.version,
)


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Evidence for data-protection audits: from the source, through a frozen population, to a signed bundle.

    Without ENGAGEMENT, `run` audits the rehearsal: a made-up company with planted faults.
    """


for command in COMMANDS:
    main.add_command(command)
