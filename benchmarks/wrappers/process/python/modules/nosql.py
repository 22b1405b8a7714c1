"""NoSQL storage for functions: a client of servers that speak DynamoDB's protocol; standard library only.

Functions use it as they use SeBS's client; a key is a pair of attribute and text, the secondary one None where the table
has none:

    from . import nosql
    client = nosql.nosql.get_instance()
    client.insert('cart', ('cart_id', 'c1'), ('product_id', 'p7'), {'price': 2.5})
    items = client.query('cart', ('cart_id', 'c1'), 'product_id')

Tables go by the names that benchmark.yaml declares. FileNotFoundError: no such table.
"""

import base64
import hashlib
import json
import os

from .shared_signing import Service


class nosql:
    instance = None

    @staticmethod
    def get_instance():
        """The client of this sandbox, made on first use."""
        if nosql.instance is None:
            nosql.instance = nosql()
        return nosql.instance

    def __init__(self):
        kind = os.environ.get("SEBS_NOSQL")
        if kind != "dynamodb":
            raise RuntimeError(f"there is no NoSQL client for SEBS_NOSQL={kind}")
        self._prefix = os.environ["SEBS_NOSQL_TABLE_PREFIX"]
        self._service = Service(
            "dynamodb",
            os.environ["SEBS_NOSQL_ENDPOINT"],
            os.environ["SEBS_NOSQL_REGION"],
            os.environ["SEBS_NOSQL_ACCESS_KEY"],
            os.environ["SEBS_NOSQL_SECRET_KEY"],
        )

    def insert(self, table_name, primary_key, secondary_key, data):
        """Puts an item in the place of one that has the same keys."""
        item = {**data, **keys_of(primary_key, secondary_key)}
        self._call("PutItem", table_name, {"Item": typed(item)["M"]})

    def get(self, table_name, primary_key, secondary_key=None):
        """The item, or None."""
        key = typed(keys_of(primary_key, secondary_key))["M"]
        found = self._call("GetItem", table_name, {"Key": key, "ConsistentRead": True}).get("Item")
        return None if found is None else plain({"M": found})

    def update(self, table_name, primary_key, secondary_key, updates):
        """Sets attributes of an item and leaves its others; makes the item where there is none."""
        names = {f"#{index}": name for index, name in enumerate(updates)}
        values = {f":{index}": typed(value) for index, value in enumerate(updates.values())}
        request = {
            "Key": typed(keys_of(primary_key, secondary_key))["M"],
            "UpdateExpression": "SET " + ", ".join(f"#{index} = :{index}" for index in range(len(updates))),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        self._call("UpdateItem", table_name, request)

    def query(self, table_name, primary_key, secondary_key_name=None):
        """All items of one primary key, in order of the secondary."""
        name, value = primary_key
        request = {
            "ConsistentRead": True,
            "KeyConditionExpression": "#key = :value",
            "ExpressionAttributeNames": {"#key": name},
            "ExpressionAttributeValues": {":value": typed(value)},
        }
        items = []
        while True:
            page = self._call("Query", table_name, request)
            items += [plain({"M": item}) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return items
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def delete(self, table_name, primary_key, secondary_key=None):
        """Removes an item; it being gone already is fine."""
        self._call("DeleteItem", table_name, {"Key": typed(keys_of(primary_key, secondary_key))["M"]})

    def _call(self, operation, table_name, request):
        body = json.dumps({"TableName": self._prefix + table_name, **request}, allow_nan=False).encode()
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "content-length": str(len(body)),
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        response = self._service.request("POST", "/", (), headers, body, hashlib.sha256(body).hexdigest())
        answer = json.loads(response.read() or b"{}")
        self._service.done(response)
        if response.status == 200:
            return answer
        kind = answer.get("__type", "").rpartition("#")[2]
        if kind == "ResourceNotFoundException":
            raise FileNotFoundError(f"there is no table '{table_name}'")
        reason = answer.get("message") or answer.get("Message") or response.status
        raise RuntimeError(f"{operation} of table '{table_name}' failed: {kind} {reason}")


def keys_of(primary_key, secondary_key):
    return dict(key for key in (primary_key, secondary_key) if key is not None)


def typed(value):
    """A value with the name of its type, as the protocol writes it."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, (int, float)):
        return {"N": repr(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"B": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {"M": {name: typed(member) for name, member in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"L": [typed(member) for member in value]}
    raise TypeError(f"a value of type {type(value).__name__} cannot be stored")


def plain(value):
    """The value without the names of types; numbers without a fraction are int."""
    ((kind, content),) = value.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return int(content) if content.lstrip("-").isdigit() else float(content)
    if kind == "B":
        return base64.b64decode(content)
    if kind == "M":
        return {name: plain(member) for name, member in content.items()}
    if kind == "L":
        return [plain(member) for member in content]
    return content
