import json
import time

from squiggle import transform

from . import storage

client = storage.storage.get_instance()


def handler(event):
    bucket, source, target = (event["bucket"][name] for name in ("bucket", "input", "output"))
    key = event["object"]["key"]
    begin = time.perf_counter_ns()
    fasta = client.download_stream(bucket, f"{source}/{key}")
    downloaded = time.perf_counter_ns()
    x, y = transform(sequence_of(fasta.decode()))
    points = json.dumps({"x": [float(value) for value in x], "y": y}).encode()
    computed = time.perf_counter_ns()
    points_key = client.upload_stream(bucket, f"{target}/{key}.json", points)
    uploaded = time.perf_counter_ns()
    return {
        "result": {"bucket": bucket, "key": points_key, "bytes": len(points), "nonce": event.get("nonce")},
        "measurement": {
            "download_us": (downloaded - begin) // 1000,
            "compute_us": (computed - downloaded) // 1000,
            "upload_us": (uploaded - computed) // 1000,
            "download_bytes": len(fasta),
            "upload_bytes": len(points),
        },
    }


def sequence_of(fasta):
    """The bases of a FASTA file with one record: what begins with '>' is its title."""
    return "".join(line.strip() for line in fasta.splitlines() if not line.startswith(">"))
