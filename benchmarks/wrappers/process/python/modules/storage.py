"""Object storage for functions, on whatever the platform offers; standard library only.

Functions use it as they use SeBS's client:

    from . import storage
    client = storage.storage.get_instance()
    key = client.upload(bucket, 'out/result.zip', '/tmp/result.zip')

Keys may not leave their bucket. What is uploaded gets a unique name (`name.<8 hex digits>.ext`), so that no invocation
overwrites what another one wrote. ValueError: a key or bucket that is not one. FileNotFoundError: no such object.
"""

import os

_kind = os.environ.get("SEBS_STORAGE")
if _kind == "directory":
    from .storage_directory import DirectoryStorage as _Client
elif _kind == "s3":
    from .storage_s3 import S3Storage as _Client
else:

    class _Client:
        def __init__(self):
            raise RuntimeError(f"there is no storage client for SEBS_STORAGE={_kind}")


class storage(_Client):
    instance = None

    @staticmethod
    def get_instance():
        """The client of this sandbox, made on first use."""
        if storage.instance is None:
            storage.instance = storage()
        return storage.instance
