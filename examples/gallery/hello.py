"""Says hello: `GET /hello?name=Ada`."""
import json


def handler(event, context):
    query = event.get("queryStringParameters") or {}
    name = query.get("name", "World")
    print(f"greeting {name} (request {context.aws_request_id})")
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json; charset=utf-8"},
        "body": json.dumps({"message": f"Hello, {name}! This ran for you alone."}, ensure_ascii=False),
    }
