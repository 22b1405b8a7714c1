import os
import tempfile
import time
import urllib.request

from . import storage

client = storage.storage.get_instance()


def handler(event):
    bucket, source, target = (event["bucket"][name] for name in ("bucket", "input", "output"))
    key = event["object"]["key"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        begin = time.perf_counter_ns()
        fetch(event.get("url"), bucket, f"{source}/{key}", path)
        fetched = time.perf_counter_ns()
        stored_key = client.upload(bucket, f"{target}/{key}", path)
        stored = time.perf_counter_ns()
        size = os.path.getsize(path)
    return {
        "result": {"bucket": bucket, "key": stored_key, "bytes": size, "nonce": event.get("nonce")},
        "measurement": {
            "download_us": (fetched - begin) // 1000,
            "upload_us": (stored - fetched) // 1000,
            "download_bytes": size,
            "upload_bytes": size,
        },
    }


def fetch(url, bucket, key, path):
    """From an address where the event names one, else from the storage."""
    if url is None:
        client.download(bucket, key, path)
    else:
        urllib.request.urlretrieve(url, filename=path)
