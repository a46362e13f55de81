"""Makes a thumbnail of every picture uploaded below `uploads/`, written for AWS Lambda and S3 as they are."""
import io
import os
from urllib.parse import unquote_plus

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")
LONGEST_SIDE = int(os.environ.get("LONGEST_SIDE", "400"))


def handler(event, context):
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        picture = Image.open(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        before = picture.size
        picture.draft(picture.mode, (LONGEST_SIDE, LONGEST_SIDE))
        small = ImageOps.exif_transpose(picture)
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        output = io.BytesIO()
        small.save(output, format=picture.format)
        target = "thumbnails/" + key.removeprefix("uploads/")
        s3.put_object(Bucket=bucket, Key=target, Body=output.getvalue(), ContentType=Image.MIME[picture.format])
        print(f"{key} {before[0]}x{before[1]} -> {target} {small.size[0]}x{small.size[1]}, {output.tell():,} bytes")
