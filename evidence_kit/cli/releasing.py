"""The command that lets a bundle leave the house: at a level, to a declared recipient, with an entry in the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_kit.cli import door
from evidence_kit.cli.door import emit, json_option, out_option
from evidence_kit.model.disclosure import LEVELS


@click.command(short_help="Hand a bundle out, at a level, to a declared recipient.")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--level", required=True, type=click.Choice(LEVELS), help="What the recipient gets.")
@click.option("--to", required=True, metavar="RECIPIENT", help="An id of the engagement's recipients.")
@click.option(
    "--tell", multiple=True, metavar="CONTROL", help="At level client: show this control's finding too. Repeatable."
)
@click.option("--zip", "as_zip", is_flag=True, help="Also write the bundle as one ZIP file beside its folder.")
@click.option("--actor", metavar="ID", help="Who releases, an id of the engagement's people.  [default: its first dpo]")
@click.option(
    "--engagement", metavar="FILE", help="The engagement's file, when params/engagements has none of its name."
)
@out_option
@json_option
def release(
    bundle: Path,
    level: str,
    to: str,
    tell: tuple[str, ...],
    as_zip: bool,
    actor: str | None,
    engagement: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Hand a sealed auditor-full bundle out: as it is, pseudonymised for one recipient, or as a client's summary.

    BUNDLE is a folder or its ZIP that this engagement's ledger signed. Everything is scanned for leaks first; then the
    derived bundle is sealed, and the ledger says who released what to whom. Its verifier must accept it.
    """
    from evidence_kit.wiring import releasing

    done = releasing.release(releasing.Asked(bundle, level, to, tell, as_zip, actor, engagement, out))
    door.tell(f"entry {done.seq} of {done.ledger} says that {done.actor} released it")
    if as_json:
        emit(
            {
                "bundle": str(done.place),
                "zip": None if done.zip is None else str(done.zip),
                "level": done.level,
                "recipient": done.recipient,
                "tagmanifest_sha256": done.tagmanifest_sha256,
                "derived_from": done.derived_from,
                "signer": done.signer,
                "actor": done.actor,
                "entry": done.seq,
            }
        )
        return
    click.echo(f"bundle  {done.place}")
    if done.zip is not None:
        click.echo(f"zip     {done.zip}")
    click.echo(f"signer  {done.signer}")
    click.echo(f"digest  {done.tagmanifest_sha256}")
