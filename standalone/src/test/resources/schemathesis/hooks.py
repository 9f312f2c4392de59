"""Bodies that schemathesis cannot make from a schema alone: images and JSON Lines."""
import schemathesis
from hypothesis import strategies as st

HEADS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBP",
    "image/gif": b"GIF89a",
    "image/bmp": b"BM",
    "application/octet-stream": b"GIF89a",
}

for media_type, head in HEADS.items():
    schemathesis.openapi.media_type(media_type, st.binary(max_size=200).map(lambda rest, head=head: head + rest))

schemathesis.openapi.media_type("application/jsonl", st.binary(max_size=500))
