"""What a Python user does with the S3 server of `up`, with today's boto3 and its default settings."""
import hashlib
import http.client
import io
import json
import os
import sys
import tempfile
import urllib.parse
import urllib.request

import boto3
from botocore.exceptions import ClientError

endpoint, access, secret, bucket = sys.argv[1:5]
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    aws_access_key_id=access,
    aws_secret_access_key=secret,
    region_name="us-east-1",
)
KEYS = [
    "plain.png", "with space.png", "plus+plus.png", "per%cent%20%2F.png", "Grüße/Ärger ß.png",
    "😀/🐈.png", "a//b///c.png", "q?u=1&b#c.png", "'\"<>*:|,;=@$!().png", "日本語.png", "tilde~under_score-.png",
    "e\u0301.png", "trailing./dot", "back\\slash.png", "{braces}[brackets]^`.png",
]
bad = []


def check(name, condition):
    if not condition:
        bad.append(name)


def attempt(name, action):
    try:
        action()
    except Exception as e:
        bad.append(f"{name}: {type(e).__name__} {e}")


def put(url, body):
    """Without the Content-Type that urllib adds and the signature does not know."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(at.netloc)
    connection.request("PUT", at.path + "?" + at.query, body)
    status = connection.getresponse().status
    check(f"presigned put answers {status}", status == 200)


def keys():
    for key in KEYS:
        def one():
            body = os.urandom(1000)
            s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="image/png", Metadata={"request": "r-1"})
            got = s3.get_object(Bucket=bucket, Key=key)
            check(f"get {key}", got["Body"].read() == body)
            check(f"type {key}", got["ContentType"] == "image/png")
            check(f"metadata {key}", got["Metadata"] == {"request": "r-1"})
            check(f"etag {key}", got["ETag"].strip('"') == hashlib.md5(body).hexdigest())
            url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
            check(f"presigned get {key}", urllib.request.urlopen(url).read() == body)
            url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key})
            put(url, b"other")
            check(f"presigned put {key}", s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"other")
            check(f"head {key}", s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == 5)
            check(f"copy {key}", s3.copy_object(Bucket=bucket, Key=key + ".copy", CopySource={"Bucket": bucket, "Key": key}))
        attempt(key, one)
    listed = {o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket) for o in p.get("Contents", [])}
    for key in KEYS:
        check(f"listed {key}", key in listed)
        attempt(f"delete {key}", lambda: s3.delete_object(Bucket=bucket, Key=key))
    attempt("delete_objects", lambda: check("delete_objects errors", not s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": k + ".copy"} for k in KEYS]}).get("Errors")))
    left = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    check(f"left over {[o['Key'] for o in left]}", not left)


def uploads():
    big = os.urandom(20 << 20)
    with tempfile.NamedTemporaryFile() as file:
        file.write(big)
        file.flush()
        s3.upload_file(file.name, bucket, "big file.bin", ExtraArgs={"ContentType": "image/png"})
    sink = io.BytesIO()
    s3.download_fileobj(bucket, "big file.bin", sink)
    check("multipart", sink.getvalue() == big)
    check("range", s3.get_object(Bucket=bucket, Key="big file.bin", Range="bytes=5-9")["Body"].read() == big[5:10])
    s3.upload_fileobj(io.BytesIO(b"small"), bucket, "small")
    check("small", s3.get_object(Bucket=bucket, Key="small")["Body"].read() == b"small")
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    check("empty", s3.get_object(Bucket=bucket, Key="empty")["Body"].read() == b"")
    for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"):
        try:
            s3.put_object(Bucket=bucket, Key="sum", Body=b"sum", ChecksumAlgorithm=algorithm)
        except Exception as e:
            if "awscrt" not in str(e) and "crt" not in str(e):
                bad.append(f"{algorithm}: {e}")


def conditions():
    s3.put_object(Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")
    try:
        s3.put_object(Bucket=bucket, Key="once", Body=b"2", IfNoneMatch="*")
        bad.append("a second conditional write succeeded")
    except ClientError as e:
        check(f"conditional write: {e}", e.response["ResponseMetadata"]["HTTPStatusCode"] == 412)
    check("once", s3.get_object(Bucket=bucket, Key="once")["Body"].read() == b"1")


def refusals():
    for name, action, status in [
        ("missing key", lambda: s3.get_object(Bucket=bucket, Key="nobody"), 404),
        ("missing head", lambda: s3.head_object(Bucket=bucket, Key="nobody"), 404),
        ("missing bucket", lambda: s3.put_object(Bucket="no-such-bucket", Key="a", Body=b"1"), 404),
    ]:
        try:
            action()
            bad.append(name + " succeeded")
        except ClientError as e:
            check(f"{name}: {e}", e.response["ResponseMetadata"]["HTTPStatusCode"] == status)


for part in (keys, uploads, conditions, refusals):
    attempt(part.__name__, part)
print(json.dumps(bad, indent=1, ensure_ascii=False))
sys.exit(1 if bad else 0)
