"""Imported before there is a function: see `rehearse` in bootstrap.py."""


def handler(event, context):
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": context.aws_request_id}
