"""S3 through boto3, whichever version the Python that runs this has. Prints one line for each thing that worked."""

import hashlib
import io
import os
import sys
import urllib.request

import boto3
import botocore.exceptions
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

# Debian's boto3 does not read AWS_ENDPOINT_URL yet.
s3 = boto3.client("s3", endpoint_url=os.environ["ENDPOINT"], config=Config(signature_version="s3v4", retries={"total_max_attempts": 1}))
bucket = sys.argv[1]
MB = 1024 * 1024


def fails(code, status, call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        got = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        assert got == (code, status), got
    else:
        raise AssertionError("%s did not fail" % call)


def done(what):
    print(what, flush=True)


s3.create_bucket(Bucket=bucket)
assert bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]
assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
done("bucket")

for key in ["a b+c%/ü/./../x", "plain", "/begins//twice", "quote\"'&<>", "日本語/😀", "100%/%41", "?q=1#f", "ends/"]:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"name": "value"}, ContentType="text/plain")
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == key.encode() and got["Metadata"] == {"name": "value"}, key
    assert got["ETag"] == '"%s"' % hashlib.md5(key.encode()).hexdigest()
    assert key in [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]], key
    s3.copy_object(Bucket=bucket, Key="copies/" + key, CopySource={"Bucket": bucket, "Key": key})
    assert s3.head_object(Bucket=bucket, Key="copies/" + key)["ContentLength"] == len(key.encode())
done("odd keys")

s3.put_object(Bucket=bucket, Key="range", Body=b"0123456789")
assert s3.get_object(Bucket=bucket, Key="range", Range="bytes=2-4")["Body"].read() == b"234"
fails("InvalidRange", 416, s3.get_object, Bucket=bucket, Key="range", Range="bytes=99-")
etag = s3.head_object(Bucket=bucket, Key="range")["ETag"]
fails("304", 304, s3.get_object, Bucket=bucket, Key="range", IfNoneMatch=etag)
fails("PreconditionFailed", 412, s3.get_object, Bucket=bucket, Key="range", IfMatch='"other"')
fails("NoSuchKey", 404, s3.get_object, Bucket=bucket, Key="none")
fails("NoSuchBucket", 404, s3.list_objects_v2, Bucket=bucket + "-none")
fails("BucketNotEmpty", 409, s3.delete_bucket, Bucket=bucket)
done("ranges and conditions")

piece = os.urandom(MB)
size = 100
whole = hashlib.sha256()
for _ in range(size):
    whole.update(piece)


class Repeated(io.RawIOBase):
    """100 MB that are never in memory together."""

    def __init__(self):
        self.left = size * MB

    def readable(self):
        return True

    def readinto(self, into):
        start = size * MB - self.left
        count = min(len(into), self.left, MB - start % MB)
        into[:count] = piece[start % MB : start % MB + count]
        self.left -= count
        return count


config = TransferConfig(multipart_threshold=8 * MB, multipart_chunksize=8 * MB, max_concurrency=4)
s3.upload_fileobj(io.BufferedReader(Repeated(), MB), bucket, "large", Config=config)
head = s3.head_object(Bucket=bucket, Key="large")
assert head["ContentLength"] == size * MB and head["ETag"].endswith('-13"'), head
received = hashlib.sha256()
for chunk in s3.get_object(Bucket=bucket, Key="large")["Body"].iter_chunks(MB):
    received.update(chunk)
assert received.hexdigest() == whole.hexdigest()
s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large copy", Config=config)
assert s3.head_object(Bucket=bucket, Key="large copy")["ETag"] == head["ETag"]
done("100 MB in parts, copied in parts")

put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "pre signed/ü"}, ExpiresIn=60)
request = urllib.request.Request(put, data=b"hello", method="PUT", headers={"Content-Type": ""})
assert urllib.request.urlopen(request).status == 200
get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "pre signed/ü"}, ExpiresIn=60)
assert urllib.request.urlopen(get).read() == b"hello"
done("presigned")

pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="ten-thousand"))
keys = [one["Key"] for page in pages for one in page["Contents"]]
assert len(pages) == 10 and keys == sorted(keys) and len(set(keys)) == 10000
folders = s3.list_objects(Bucket="ten-thousand", Delimiter="/")["CommonPrefixes"]
assert [one["Prefix"] for one in folders] == ["folder %d/" % index for index in range(7)]
done("10,000 keys")

everything = [one["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket) for one in page["Contents"]]
answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in everything]})
assert sorted(one["Key"] for one in answer["Deleted"]) == sorted(everything) and "Errors" not in answer
s3.delete_bucket(Bucket=bucket)
done("deleted")
