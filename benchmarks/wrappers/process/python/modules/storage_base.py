"""What all storage clients of functions have in common: unique names, and checks of buckets and keys."""

import os
import re


def unique_name(name):
    """`dir/name.ext` -> `dir/name.<8 hex digits>.ext`."""
    stem, extension = os.path.splitext(name)
    return f"{stem}.{os.urandom(4).hex()}{extension}"


def checked_bucket(bucket):
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket) or ".." in bucket:
        raise ValueError(f"{bucket!r} is no name of a bucket")
    return bucket


def checked_key(bucket, key):
    if "\0" in key:
        raise ValueError(f"the key {key!r} contains a zero byte")
    for part in key.split("/"):
        if part in ("", ".", ".."):
            raise ValueError(f"the key {key!r} leaves bucket {bucket!r} or has an empty part")
    return key


def make_folder_of(path):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
