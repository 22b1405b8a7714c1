import io
import time

from PIL import Image

from . import storage

client = storage.storage.get_instance()


def handler(event):
    bucket, source, target = (event["bucket"][name] for name in ("bucket", "input", "output"))
    wanted = event["object"]
    begin = time.perf_counter_ns()
    picture = client.download_stream(bucket, f"{source}/{wanted['key']}")
    downloaded = time.perf_counter_ns()
    thumbnail = scale_down(picture, wanted["width"], wanted["height"])
    scaled = time.perf_counter_ns()
    key = client.upload_stream(bucket, f"{target}/{wanted['key']}", thumbnail)
    uploaded = time.perf_counter_ns()
    return {
        "result": {"bucket": bucket, "key": key, "bytes": len(thumbnail), "nonce": event.get("nonce")},
        "measurement": {
            "download_us": (downloaded - begin) // 1000,
            "compute_us": (scaled - downloaded) // 1000,
            "upload_us": (uploaded - scaled) // 1000,
            "download_bytes": len(picture),
            "upload_bytes": len(thumbnail),
        },
    }


def scale_down(picture, width, height):
    """PNG of a picture that fits into so many pixels; its proportions stay."""
    with Image.open(io.BytesIO(picture)) as image:
        image.thumbnail((width, height), Image.Resampling.LANCZOS, reducing_gap=None)
        out = io.BytesIO()
        image.convert("RGB").save(out, format="PNG")
    return out.getvalue()
