"""The one command that names a person: to whoever holds the vault, and never without an entry in the ledger."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from evidence_kit.cli.door import emit, json_option, out_option, tell


@click.command(short_help="Say who is behind a pseudonym; the ledger says that you asked.")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.argument("pseudonym")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the ledger, so no personal data.")
@click.option("--actor", metavar="ID", help="Who asks, an id of the engagement's people.  [default: its first dpo]")
@click.option(
    "--engagement", metavar="FILE", help="The engagement's file, when params/engagements has none of its name."
)
@out_option
@json_option
def unmask(
    bundle: Path,
    pseudonym: str,
    reason: str,
    actor: str | None,
    engagement: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Say who is behind a pseudonym of a sealed bundle, to somebody who holds the engagement's vault.

    That it was asked, by whom and why, is entered in the ledger first; without that entry nothing is said. BUNDLE is a
    folder or its ZIP, PSEUDONYM 64 hex digits that stand in one of its frames.
    """
    from evidence_kit.wiring import unmasking

    found = unmasking.unmask(unmasking.Asked(bundle, pseudonym, reason, actor, engagement, out))
    tell(f"entry {found.seq} of {found.ledger} says that {found.actor} was told")
    if as_json:
        said = {"bundle": found.bundle, "pseudonym": pseudonym, "frame": found.frame, "kind": found.kind}
        emit({**said, "identity": found.text, "actor": found.actor, "entry": found.seq})
    else:
        click.echo(shown(found.text, sys.stdout.encoding))


def shown(text: str, encoding: str) -> str:
    """One line of what a source holds: what steers a terminal, or what `encoding` lacks, is written as its escape."""
    plain = "".join(c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode() for c in text)
    return plain.encode(encoding, "backslashreplace").decode(encoding)
