"""Keys, sealed fields and sealed chunk files (AES-256-GCM).

Keys form a chain: master -> tenant -> candidate -> file, each wrapped by the one before (AES Key Wrap, RFC 3394).
Erasing one link erases everything below it. Nothing here stores anything.

A sealed file is a run of chunks of ``CHUNK_BYTES`` plaintext bytes (the last may be shorter, never empty unless the
file is empty), each stored as a random nonce, the ciphertext and its tag. The file's id, the chunk's index and a flag for
the last one are associated data (the idea of the STREAM construction, Hoang et al. 2015): a flipped bit, a missing tail,
swapped chunks or another file's chunk are all refused. The nonce is random rather than the index because one index may be
sealed twice: after a crash in the middle of a write the client sends the chunk again, perhaps with other bytes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from app.core.errors import PermanentError

KEY_BYTES = 32
CHUNK_BYTES = 256 * 1024
_NONCE_BYTES = 12
_TAG_BYTES = 16
SEAL_BYTES = _NONCE_BYTES + _TAG_BYTES
SEALED_CHUNK_BYTES = CHUNK_BYTES + SEAL_BYTES


def new_key() -> bytes:
    """A fresh 256-bit key."""
    return os.urandom(KEY_BYTES)


def wrap_key(wrapping_key: bytes, key: bytes) -> bytes:
    """``key`` wrapped for storage (40 bytes)."""
    return aes_key_wrap(wrapping_key, key)


def unwrap_key(wrapping_key: bytes, wrapped: bytes) -> bytes:
    """The key again. PermanentError ``key_unusable`` when the wrapping key is another one."""
    try:
        return aes_key_unwrap(wrapping_key, wrapped)
    except InvalidUnwrap as error:
        raise PermanentError(
            "key_unusable", "the wrapped key does not belong to this wrapping key"
        ) from error


def derive_key(key: bytes, purpose: str) -> bytes:
    """A key for one purpose from another key (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def seal(key: bytes, plaintext: bytes, context: str) -> bytes:
    """A sealed field: random nonce, ciphertext, tag. ``context`` must be given again to open it."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(derive_key(key, "field")).encrypt(nonce, plaintext, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """The plaintext of ``seal``. PermanentError ``seal_broken`` when key, context or bytes differ."""
    try:
        return AESGCM(derive_key(key, "field")).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()
        )
    except InvalidTag as error:
        raise PermanentError("seal_broken", context) from error


def seal_json(key: bytes, value: Any, context: str) -> bytes:
    """Seal any JSON value."""
    return seal(key, json.dumps(value, ensure_ascii=False, sort_keys=True).encode(), context)


def unseal_json(key: bytes, sealed: bytes, context: str) -> Any:
    """The JSON value of ``seal_json``."""
    return json.loads(unseal(key, sealed, context))


def blind_index(key: bytes, value: str) -> str:
    """A keyed fingerprint (64 hex digits) by which equal values are found without storing them."""
    return hmac.new(derive_key(key, "blind index"), value.encode(), hashlib.sha256).hexdigest()


class ChunkCipher:
    """Seals and opens the chunks of one file."""

    def __init__(self, file_key: bytes, file_id: str) -> None:
        self._cipher = AESGCM(derive_key(file_key, "chunks"))
        self._context = b"weimian-chunks-1:" + file_id.encode()

    def seal_chunk(self, index: int, plaintext: bytes, *, last: bool) -> bytes:
        """Nonce, ciphertext and tag. Only the last chunk may be shorter than CHUNK_BYTES (ValueError)."""
        if len(plaintext) > CHUNK_BYTES or (len(plaintext) < CHUNK_BYTES and not last):
            raise ValueError(f"chunk of {len(plaintext)} bytes")
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plaintext, self._place(index, last))

    def open_chunk(self, index: int, sealed: bytes, *, last: bool) -> bytes:
        """The plaintext. PermanentError ``seal_broken`` when anything was changed."""
        if len(sealed) < SEAL_BYTES:
            raise PermanentError("seal_broken", f"chunk {index} is cut off")
        view = memoryview(sealed)
        try:
            return self._cipher.decrypt(view[:_NONCE_BYTES], view[_NONCE_BYTES:], self._place(index, last))
        except InvalidTag as error:
            raise PermanentError("seal_broken", f"chunk {index}") from error

    def _place(self, index: int, last: bool) -> bytes:
        return self._context + index.to_bytes(8, "big") + (b"\x01" if last else b"\x00")


def sealed_size(plaintext_bytes: int) -> int:
    """Sealed bytes of a whole file with that many plaintext bytes."""
    return plaintext_bytes + chunk_count(plaintext_bytes) * SEAL_BYTES


def chunk_count(plaintext_bytes: int) -> int:
    """Chunks of a whole file with that many plaintext bytes; an empty file has one empty chunk."""
    return max(1, -(-plaintext_bytes // CHUNK_BYTES))
