"""Print the path of an interpreter that has what the kit and its tests need; make it where there is none."""

import sys

from evidence_kit.bootstrap import UNAVAILABLE, SetUpError, find_python, say

try:
    print(find_python(tests=True))
except SetUpError as impossible:
    say(str(impossible))
    sys.exit(UNAVAILABLE)
