"""What belongs to the checkout: the rehearsal company, the verifier, JupyterLab, the measurements, the tests."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_kit import __version__
from evidence_kit.cli.door import (
    emit,
    folder,
    json_option,
    kind_option,
    opened,
    out_option,
    progress,
    quiet_option,
    sources_option,
)

#: Arguments that go to another program as they are.
PASSED_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command(short_help="Write the made-up company to a file or folder.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A new folder, or a new .duckdb or .db file.",
)
@click.option("--contacts", type=int, default=20000, show_default=True, metavar="N", help="Contacts in the base.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**53 - 1),
    default=20180525,
    show_default=True,
    metavar="S",
    help="Other people, same faults.",
)
@click.option(
    "--faults",
    default="all",
    show_default=True,
    metavar="WHICH",
    help="none, all, a list such as F01,F27, or 'all but F19,F20'.",
)
@click.option(
    "--as-of", type=click.Choice(("real", "mock")), default="real", show_default=True, help="The day it is cut at."
)
@json_option
@quiet_option
def rehearse(out: Path, contacts: int, seed: int, faults: str, as_of: str, as_json: bool, quiet: bool) -> None:
    """Write the rehearsal: a made-up company with planted faults. Nothing is overwritten.

    PATH that ends with .duckdb or .db becomes one file with a schema for each source; any other a folder.
    """
    from evidence_kit.wiring import tools

    expected = tools.rehearse(out, contacts, seed, faults, as_of, progress(quiet))
    if as_json:
        knobs = {"contacts": contacts, "seed": seed, "faults": faults, "as_of": as_of}
        emit({"path": str(out.absolute()), **knobs, "expected": expected})
    else:
        click.echo(out.absolute())


@click.command(context_settings={**PASSED_ON, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="BUNDLE [--key SHA256:…] [--json]")
@click.pass_context
def verify(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Check a bundle. Needs no set-up: its own options are those of verify.py --help."""
    from evidence_kit.wiring import checkout

    ctx.exit(checkout.verify(arguments))


@click.command(short_help="Open the notebooks in JupyterLab.", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ENGAGEMENT] [JUPYTER_ARGUMENTS]...")
@sources_option
@kind_option
@out_option
@click.option("--no-browser", is_flag=True, help="Do not open a browser. So too where there is no display.")
@quiet_option
@click.pass_context
def lab(
    ctx: click.Context,
    arguments: tuple[str, ...],
    sources: dict[str, str],
    kind: str,
    out: Path | None,
    no_browser: bool,
    quiet: bool,
) -> None:
    """Open the notebooks in JupyterLab, on this machine only, with a collector for one engagement.

    What Lab writes is a draft: only `run` seals. Without ENGAGEMENT, the rehearsal. Ctrl-C ends it.
    """
    from evidence_kit.wiring import lab as wiring

    named = bool(arguments) and not arguments[0].startswith("-")
    engagement, rest = (arguments[0], arguments[1:]) if named else ("rehearsal", arguments)
    agreed = opened(engagement, sources, kind)
    ctx.exit(wiring.serve(agreed, folder(out), progress(quiet), rest, browser=not no_browser))


@click.command(short_help="Time the whole job beside papermill and nbconvert.", context_settings={**PASSED_ON})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[BENCH_ARGUMENTS]...")
@click.pass_context
def bench(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Time the whole job beside plain papermill and nbconvert on the same notebooks."""
    from evidence_kit.wiring import checkout

    ctx.exit(checkout.bench(arguments))


@click.command(short_help="Run the tests.", context_settings={**PASSED_ON})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST_ARGUMENTS]...")
@click.pass_context
def test(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Run the tests, then every notebook on the rehearsal. With arguments: pytest alone, with them."""
    from evidence_kit.wiring import checkout

    ctx.exit(checkout.test(arguments))


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(f"evidence_kit {__version__}")
