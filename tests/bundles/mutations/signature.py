"""Must-fail cases of the checks S: the signature."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_public_key

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import FR, Trial, fails

SIG = "tagmanifest-sha256.txt.sig"


@fails("F43", "S01")
def unsigned(bundle: Bundle, variant: str) -> Bundle:
    del bundle.files[SIG]
    return bundle


@fails("F44", "S01", "empty", "pgp", "bom", "crlf", "long")
def bad_armour(bundle: Bundle, variant: str) -> Bundle:
    data = bundle.files[SIG]
    bundle.files[SIG] = {
        "empty": b"",
        "pgp": data.replace(b"SSH SIGNATURE", b"PGP SIGNATURE"),
        "bom": b"\xef\xbb\xbf" + data,
        "crlf": data.replace(b"\n", b"\r\n"),
        "long": data + b"\n" * 5000,
    }[variant]
    return bundle


@fails("F45", "S01")
def two_signatures(bundle: Bundle, variant: str) -> Bundle:
    bundle.files[SIG] += bundle.files[SIG]
    return bundle


@fails("F46", "S02", "rsa", "ecdsa")
def another_algorithm(bundle: Bundle, variant: str) -> Trial:
    message = bundle.files["tagmanifest-sha256.txt"]
    fields = g.string(b"evidence-kit-bundle-v1") + g.string(b"") + g.string(b"sha512")
    signed = b"SSHSIG" + fields + g.string(hashlib.sha512(message).digest())
    if variant == "rsa":
        rsa_key = g.rsa_key()
        made, name = rsa_key.sign(signed, padding.PKCS1v15(), hashes.SHA512()), b"rsa-sha2-512"
        line = rsa_key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    else:
        ec_key = ec.derive_private_key(2**200 + 1, ec.SECP256R1())
        made, name = ec_key.sign(signed, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)), b"ecdsa-sha2-nistp256"
        line = ec_key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    assert load_ssh_public_key(line)
    blob = b64decode(line.split()[1])
    inner = g.string(name) + g.string(made)
    whole = b"SSHSIG\0\0\0\1" + g.string(blob) + fields + g.string(inner)
    text = b64encode(whole).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    bundle.files[SIG] = "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----\n"]).encode()
    fingerprint = "SHA256:" + b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return Trial(bundle.write, ["--key", fingerprint])


def resealed_with(bundle: Bundle, **fields: Any) -> Bundle:
    bundle.seal = g.Seal(**fields)
    g.resign(bundle)
    return bundle


@fails("F47", "S02")
def hash_sha256(bundle: Bundle, variant: str) -> Bundle:
    return resealed_with(bundle, hash=b"sha256")


@fails("F48", "S02", "version", "reserved")
def another_version(bundle: Bundle, variant: str) -> Bundle:
    return resealed_with(bundle, **({"version": 0} if variant == "version" else {"reserved": b"x"}))


@fails("F49", "S03")
def another_namespace(bundle: Bundle, variant: str) -> Bundle:
    return resealed_with(bundle, namespace=b"file")


@fails("F50", "S04")
def another_key(bundle: Bundle, variant: str) -> Bundle:
    bundle.seal = g.Seal(key=g.OTHER_KEY)
    bundle.catalogue["signer"] = g.OTHER_KEY.fingerprint
    return reseal(bundle)


@fails("F51", "S04")
def another_signer(bundle: Bundle, variant: str) -> Bundle:
    bundle.catalogue["signer"] = g.OTHER_KEY.fingerprint
    return reseal(bundle)


@fails("F52", "S05")
def old_signature(bundle: Bundle, variant: str) -> Bundle:
    old = bundle.files[SIG]
    bundle.edit(FR, lambda value: value.update(source="elsewhere"))
    reseal(bundle)
    bundle.files[SIG] = old
    return bundle


@fails("F53", "S05")
def malleable(bundle: Bundle, variant: str) -> Bundle:
    order = 2**252 + 27742317777372353535851937790883648493

    def shifted(made: bytes) -> bytes:
        return made[:32] + (int.from_bytes(made[32:], "little") + order).to_bytes(32, "little")

    return resealed_with(bundle, signature=shifted)


def time_stamp(digest: bytes) -> bytes:
    """The part of an RFC 3161 token that matters here: an imprint with SHA-256."""
    return b"\x30\x82" + bytes.fromhex("3031300d060960864801650304020105000420") + digest + b"\0" * 20


@fails("F54", "S06")
def stamp_of_another(bundle: Bundle, variant: str) -> Bundle:
    bundle.files[SIG + ".tsr"] = time_stamp(hashlib.sha256(b"another signature").digest())
    return bundle
