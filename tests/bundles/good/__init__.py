"""One good bundle, made from scratch and without the kit's writer: the ground on which the conformance corpus stands.

`good()` gives its files as bytes; `reseal` rebuilds what lies downstream of a change, so that a mutation can be seen by
one check alone. Three controls: REQ-02 (deadlines; two strata and two units not yet due), COM-02 (a sample of two
rounds, one stratum smaller than its size), RET-01 (a census). Every day, verdict and count below was written by hand.
"""

from tests.bundles.good.base import BUNDLE, DISGUISES, KIT, TAG_FILES, VERIFIER, Json, canonical, digest, netstring
from tests.bundles.good.building import build, good
from tests.bundles.good.bundle import Bundle, manifest, payload, sha
from tests.bundles.good.derived import client, pseudonymised, rechain_kept, reseal_derived
from tests.bundles.good.documents import calendar
from tests.bundles.good.evidence import POPULATIONS, RECEIPT, commitment, leaf_of, nonce
from tests.bundles.good.pages import page
from tests.bundles.good.resealing import (
    UPPER,
    entry_digest,
    rebag,
    rebag_any,
    recatalogue,
    rechain,
    recount,
    redigest,
    reseal,
    resign,
    retag,
)
from tests.bundles.good.seals import KEY, OTHER_KEY, Seal, rsa_key, string

__all__ = [
    "BUNDLE",
    "DISGUISES",
    "KEY",
    "KIT",
    "OTHER_KEY",
    "POPULATIONS",
    "RECEIPT",
    "TAG_FILES",
    "UPPER",
    "VERIFIER",
    "Bundle",
    "Json",
    "Seal",
    "build",
    "calendar",
    "canonical",
    "client",
    "commitment",
    "digest",
    "entry_digest",
    "good",
    "leaf_of",
    "manifest",
    "netstring",
    "nonce",
    "page",
    "payload",
    "pseudonymised",
    "rebag",
    "rebag_any",
    "recatalogue",
    "rechain",
    "rechain_kept",
    "recount",
    "redigest",
    "reseal",
    "reseal_derived",
    "resign",
    "retag",
    "rsa_key",
    "sha",
    "string",
]
