"""What OpenAI's package sees of a running stream: exchange.py URL IMAGE MASK."""
import base64
import sys
import urllib.request
from pathlib import Path

import openai

url, image, mask = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)
own = {"steps": 2, "seed": 3}


def is_png(data):
    return data.startswith(b"\x89PNG")


answer = client.images.edit(
    image=image, mask=mask, prompt="remove the cat", n=2, size="auto", model="gpt-image-1",
    quality="low", user="u-1", extra_body=own)
assert answer.created > 0 and len(answer.data) == 2, answer
first, second = (base64.b64decode(one.b64_json) for one in answer.data)
assert is_png(first) and is_png(second) and first != second
assert answer.output_format == "png"

answer = client.images.edit(
    image=[image], prompt="remove the cat", size="64x64", response_format="url",
    output_format="webp", output_compression=80, extra_body=own)
with urllib.request.urlopen(answer.data[0].url) as result:
    assert result.read()[8:12] == b"WEBP"

try:
    client.images.edit(image=image, prompt="remove the cat", size="1536x1024")
    raise AssertionError("a size that is not to be had")
except openai.BadRequestError as refused:
    assert refused.param == "size" and "1536x1024" in refused.message, refused

try:
    client.images.edit(image=image, prompt="remove <img_0>", extra_body=own)
    raise AssertionError("an instruction that the model cannot read")
except openai.BadRequestError as refused:
    assert refused.code == "edit_failed" and refused.request_id, refused

print("as expected")
