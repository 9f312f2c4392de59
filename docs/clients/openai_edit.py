"""Edits one image with OpenAI's Python package.

pip install openai
python openai_edit.py http://127.0.0.1:8080/v1 IMAGE PROMPT OUTPUT [STEPS]
"""
import base64
import os
import sys
from pathlib import Path

from openai import OpenAI

url, image, prompt, output = sys.argv[1:5]
own = {"steps": int(sys.argv[5])} if len(sys.argv) > 5 else {}  # not of OpenAI's API

client = OpenAI(base_url=url, api_key=os.environ.get("SMARTEDIT_API_KEY", "none"))
answer = client.images.edit(image=Path(image), prompt=prompt, extra_body=own)
Path(output).write_bytes(base64.b64decode(answer.data[0].b64_json))
