"""Working papers and a printed report of a sealed bundle."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_kit.cli.door import emit, json_option, progress, quiet_option, tell

BOTH = ("en", "fr")


@click.command(short_help="Working papers (XLSX) and a printed report (PDF) of a bundle.")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--xlsx", is_flag=True, help="Working papers: one sheet for each control.")
@click.option("--pdf", is_flag=True, help="The report, printed by a browser of this machine.")
@click.option(
    "--language",
    type=click.Choice((*BOTH, "both")),
    default="both",
    show_default=True,
    help="One file for each language.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the files go.  [default: beside the bundle]",
)
@click.option("--key", "keys", multiple=True, metavar="FILE|SHA256:…", help="A signer you trust, as `verify` takes it.")
@click.option(
    "--engagement", metavar="FILE", help="The engagement's file, when params/engagements has none of its name."
)
@click.option("--actor", metavar="ID", help="Who asks, an id of the engagement's people.  [default: its first dpo]")
@json_option
@quiet_option
def export(
    bundle: Path,
    xlsx: bool,
    pdf: bool,
    language: str,
    out: Path | None,
    keys: tuple[str, ...],
    engagement: str | None,
    actor: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make working papers and a printed report of a sealed bundle, beside it and never into it.

    BUNDLE is a folder or its ZIP, of any level, and must pass `verify`. Without --xlsx and --pdf, the working papers
    are made. Nothing is written when the leak scan meets a value that must not leave. Where the ledger that signed the
    bundle and its keys are here, it says first who took what.
    """
    from evidence_kit.wiring import exporting

    languages = BOTH if language == "both" else (language,)
    done = exporting.export(
        exporting.Asked(bundle, xlsx or not pdf, pdf, languages, out, keys, engagement, actor),
        progress(quiet or as_json),
    )
    if not keys:
        tell("no --key was given: the bundle is whole, and whose it is was not checked.")
    if not done.values_known:
        tell("the keys of this engagement are not here: the scan looked for what is personal by its form alone.")
    if done.seq is None:
        tell("no ledger says so: the one that signed this bundle, or its keys, are not here.")
    if as_json:
        said = {"bundle": done.bundle, "tagmanifest_sha256": done.tagmanifest_sha256}
        files = [{"path": path, "sha256": digest} for path, digest in done.files.items()]
        emit({**said, "files": files, "values_known": done.values_known, "entry": done.seq})
    else:
        for path in done.files:
            click.echo(path)
