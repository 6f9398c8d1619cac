"""Signing keys for people: what to hand to whoever verifies, and a key of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_kit.cli.door import emit, engagement_argument, folder, json_option, opened, out_option


@click.group(short_help="Signing keys: what to hand over, and a new one in a file.")
def keys() -> None:
    """Signing keys: what to hand to those who will verify, and a new key in a file of its own."""


@keys.command(short_help="What to hand to those who will verify.")
@engagement_argument()
@out_option
@json_option
def show(engagement: str, out: Path | None, as_json: bool) -> None:
    """The public half of the key that signs for an engagement, in every form in which it is handed over."""
    from evidence_kit.wiring import tools

    shown = tools.public_key(opened(engagement, {}), folder(out))
    if as_json:
        emit(shown)
        return
    click.echo(f"fingerprint      {shown['fingerprint']}")
    click.echo(f"public key       {shown['public_line']}")
    click.echo(f"allowed_signers  {shown['allowed_signers']}")
    click.echo(f"\nBy telephone, capitals said as capitals: {shown['read_out']}")
    click.echo("Hand it over by another way than the bundle: letter, telephone, annex of the contract.")


@keys.command(short_help="A new signing key in a file, under a passphrase.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def make(file: Path, as_json: bool) -> None:
    """Make an Ed25519 key in OpenSSH's form, under a passphrase: EVIDENCE_KIT_PASSPHRASE, or asked for twice.

    Prints its public half. FILE must not be there yet, nor lie among outputs or in a bundle.
    """
    from evidence_kit.wiring import tools

    made = tools.make_key_file(file)
    if as_json:
        emit({"file": str(made.folder), "public_line": made.public_line, "fingerprint": made.fingerprint})
        return
    click.echo(made.public_line)
    click.echo(made.fingerprint)
    click.echo(f"Sign with it: `signing: {{file: {made.folder}}}` in the engagement. Keep a copy elsewhere.", err=True)
