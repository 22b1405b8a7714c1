import os
import tempfile
import time
import zipfile

from . import storage

client = storage.storage.get_instance()


def handler(event):
    bucket, source, target = (event["bucket"][name] for name in ("bucket", "input", "output"))
    key = event["object"]["key"]
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter_ns()
        client.download_directory(bucket, f"{source}/{key}", folder)
        downloaded = time.perf_counter_ns()
        archive = os.path.join(folder, "archive.zip")
        files, input_bytes = pack(os.path.join(folder, *source.split("/"), *key.split("/")), archive)
        packed = time.perf_counter_ns()
        zip_bytes = os.path.getsize(archive)
        zip_key = client.upload(bucket, f"{target}/{key}.zip", archive)
        uploaded = time.perf_counter_ns()
    return {
        "result": {
            "bucket": bucket,
            "key": zip_key,
            "files": files,
            "input_bytes": input_bytes,
            "zip_bytes": zip_bytes,
        },
        "measurement": {
            "download_us": (downloaded - begin) // 1000,
            "compute_us": (packed - downloaded) // 1000,
            "upload_us": (uploaded - packed) // 1000,
            "download_bytes": input_bytes,
            "upload_bytes": zip_bytes,
        },
    }


def pack(folder, archive):
    """Packs all files below a folder; how many, and their bytes."""
    files = 0
    input_bytes = 0
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for parent, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(parent, name)
                target.write(path, os.path.relpath(path, folder))
                files += 1
                input_bytes += os.path.getsize(path)
    return files, input_bytes
