"""What is done to a bundle around its seal: sealed later, dated by an authority, put into one ZIP file."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_kit.cli.audit import print_sealed
from evidence_kit.cli.door import (
    emit,
    engagement_argument,
    folder,
    json_option,
    kind_option,
    opened,
    out_option,
    progress,
    quiet_option,
)


@click.command(short_help="Sign a bundle that a run left without its seal.")
@engagement_argument("rehearsal")
@kind_option
@out_option
@json_option
@quiet_option
def seal(engagement: str, kind: str, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Sign the bundle that a run left without its signature or its time stamp. Nothing is run again.

    Without ENGAGEMENT, the rehearsal.
    """
    from evidence_kit.wiring import unsealed

    sealed = unsealed.seal(opened(engagement, {}, kind), folder(out), progress(quiet))
    if as_json:
        emit({key: sealed[key] for key in ("bundle", "signer", "tagmanifest_sha256", "controls")})
    else:
        print_sealed(sealed)


@click.command(short_help="Have a bundle's signature dated, or look at its time stamp.")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--check", "checks", is_flag=True, help="Verify the time stamp that is there; no network is asked.")
@click.option("--url", metavar="URL", help="The authority's address.  [default: the engagement's]")
@click.option(
    "--ca",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="PEM certificates of the authority.  [default: the engagement's]",
)
@click.option(
    "--engagement", metavar="FILE", help="The engagement's file, when params/engagements has none of its name."
)
@json_option
def stamp(bundle: Path, checks: bool, url: str | None, ca: Path | None, engagement: str | None, as_json: bool) -> None:
    """Have the signature of a sealed bundle dated by an authority (RFC 3161), or verify the time stamp it has.

    BUNDLE is its folder; with --check, its ZIP too. The authority is sent a digest and nothing else.
    """
    from evidence_kit.wiring import stamping

    if checks and url is not None:
        raise click.UsageError("--check asks nobody: leave --url out.")
    path = bundle.expanduser().resolve()
    found = stamping.check(path, ca, engagement) if checks else stamping.add(path, url, ca, engagement)
    if as_json:
        emit(found.record)
        return
    for name, text in found.record.items():
        click.echo(f"{name:<9}  {text}")


@click.command(name="zip", short_help="A sealed bundle as one ZIP file beside its folder.")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, file_okay=False))
def zip_(bundle: Path) -> None:
    """Write a sealed bundle as one ZIP file beside its folder: same bundle, same bytes. `verify` reads it as it is."""
    from evidence_kit.wiring import bagging

    click.echo(str(bagging.zipped_again(bundle.expanduser().resolve())))
