"""Says what the reference implementation (c2pa-python) finds of images' credentials.

usage: verify.py ANCHORS.pem IMAGE...

One line an image: its name, the state, and the failure codes of the active manifest.
"""

import json
import os
import sys

import c2pa

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}


def main(anchors, images):
    settings = {"trust": {"trust_anchors": open(anchors).read()}, "verify": {"verify_trust": True}}
    context = c2pa.Context(c2pa.Settings.from_dict(settings))
    for image in images:
        kind = TYPES[os.path.splitext(image)[1]]
        with open(image, "rb") as stream, c2pa.Reader(kind, stream, context=context) as reader:
            report = json.loads(reader.json())
        results = report["validation_results"]
        codes = [status["code"] for status in results["activeManifest"]["failure"]]
        for delta in results.get("ingredientDeltas", []):
            codes += ["ingredient:" + s["code"] for s in delta["validationDeltas"]["failure"]]
        print(os.path.basename(image), report["validation_state"], *codes)


main(sys.argv[1], sys.argv[2:])
