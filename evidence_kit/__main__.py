"""The door: `verify` straight to the verifier, everything else through the set-up to the command line.

In the syntax of Python 3.7, like `bootstrap`. `--help` and `version` answer without building anything.
"""

import sys

from evidence_kit import __version__, bootstrap

OLDEST_FOR_VERIFY = (3, 9)
USAGE = """\
Usage: python3 -m evidence_kit COMMAND [ARGUMENTS]

  run [ENGAGEMENT]      audit: freeze, draw, test, conclude, seal; without ENGAGEMENT, the rehearsal company
  freeze ENGAGEMENT     commit to the populations; the auditor gives the nonce afterwards
  draw ENGAGEMENT       draw the sample with the auditor's nonce
  abandon ENGAGEMENT    give an open draw up; it stays in the ledger with its reason
  seal [ENGAGEMENT]     sign a bundle that a run left without its seal
  stamp BUNDLE          have a bundle's signature dated, or look at its time stamp
  zip BUNDLE            a sealed bundle as one ZIP file
  release BUNDLE        hand a bundle out, at a level, to a declared recipient
  unmask BUNDLE HEX     say who is behind a pseudonym; it is entered in the ledger first
  compare RUN_A RUN_B   say what changed from one sealed run to the next
  ledger COMMAND        who did what over all runs; whether the chain is whole
  frameworks COMMAND    the texts an audit answers to: list, show, diff, relabel
  verify BUNDLE         check a bundle; needs no set-up
  export BUNDLE         make working papers (XLSX) and a printed report (PDF) of a bundle
  plan                  sample size for a population, a tolerable rate and a confidence
  deadline              the day an answer is due, with its working
  rehearse              write the rehearsal company to a file
  check ENGAGEMENT      read the parameters and say what is wrong with them
  init DIR              start an engagement of your own: look at the sources, propose, check; or its keys
  keys COMMAND          signing keys: what to hand over, and a new one in a file
  channels ENGAGEMENT   try the channels offered for rights requests
  processors ENGAGEMENT the providers: states, what falls due, names that read alike
  probe ENGAGEMENT      look for every erased person again, and compare
  drill ENGAGEMENT      look into a restored backup for people erased since
  schema ENGAGEMENT     what the sources store of people, beside the register
  register COMMAND      read a register, check its cells, hold it against a schema
  lab                   open the notebooks in JupyterLab
  bench                 time the whole job beside papermill and nbconvert
  test                  run the tests
  version               print the version

The first command that needs them installs the locked packages into .venv; then `COMMAND --help` says more.
"""


def main() -> int:
    """Run one command. Returns the exit status: 69 when set-up is impossible, 130 when interrupted."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["verify"] and sys.version_info >= OLDEST_FOR_VERIFY:
        from evidence_kit import verify

        return verify.main(arguments[1:])
    if arguments in (["version"], ["--version"]):
        print("evidence_kit " + __version__)
        return 0
    asks = not arguments or "--help" in arguments
    try:
        if asks and bootstrap.ready_python(tests=False) is None:
            print(USAGE, end="")
            return 0
        bootstrap.ensure(arguments, tests=arguments[:1] == ["test"] and not asks)
    except bootstrap.SetUpError as impossible:
        bootstrap.say(str(impossible))
        return bootstrap.UNAVAILABLE
    except KeyboardInterrupt:
        return 130
    from evidence_kit import cli

    cli.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
