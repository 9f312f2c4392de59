"""Signs images with the reference implementation (c2pa-python).

usage: sign.py KEY.pem CERTIFICATES.pem IN OUT
"""

import json
import os
import sys

import c2pa

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
CREATED = {
    "action": "c2pa.created",
    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
}
MANIFEST = {
    "claim_generator_info": [{"name": "c2pa-python", "version": c2pa.sdk_version()}],
    "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [CREATED]}}],
}


def main(key, certificates, source, result):
    info = c2pa.C2paSignerInfo(
        "es256", open(certificates, "rb").read(), open(key, "rb").read(), None
    )
    kind = TYPES[os.path.splitext(source)[1]]
    with open(source, "rb") as plain, open(result, "w+b") as signed:
        c2pa.Builder(json.dumps(MANIFEST)).sign(c2pa.Signer.from_info(info), kind, plain, signed)


main(*sys.argv[1:])
