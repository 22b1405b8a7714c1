"""Client of the directory storage: a bucket is a folder below SEBS_STORAGE_ROOT, an object a file in it."""

import os
import shutil

from .storage_base import checked_bucket, checked_key, make_folder_of, unique_name


class DirectoryStorage:
    def __init__(self):
        self._root = os.environ["SEBS_STORAGE_ROOT"]

    def upload(self, bucket, file, filepath):
        """Stores a local file; returns the unique key that it got."""
        with open(filepath, "rb") as source:
            return self._store(bucket, file, lambda part: shutil.copyfileobj(source, part, 1 << 20))

    def upload_stream(self, bucket, file, data):
        """Stores bytes, or what a file-like object still has to read; returns the unique key that it got."""
        if hasattr(data, "getbuffer"):
            data = data.getbuffer()
        if hasattr(data, "read"):
            return self._store(bucket, file, lambda part: shutil.copyfileobj(data, part, 1 << 20))
        return self._store(bucket, file, lambda part: part.write(data))

    def download(self, bucket, file, filepath):
        """Writes an object to a local file; folders on the way are made."""
        source = self._path(bucket, file)
        make_folder_of(filepath)
        shutil.copyfile(source, filepath)

    def download_stream(self, bucket, file):
        """The bytes of an object."""
        with open(self._path(bucket, file), "rb") as source:
            return source.read()

    def download_directory(self, bucket, prefix, path):
        """Writes all objects below a prefix to `path`/<key>; returns their keys in order."""
        prefix = prefix.rstrip("/")
        keys = []
        self._copy_folder(self._path(bucket, prefix), prefix, os.path.join(path, *prefix.split("/")), keys)
        return sorted(keys)

    def _copy_folder(self, source, prefix, target, keys):
        # One look at each folder and none at each file's path: trees have many files, and every look is a system call.
        if not os.path.isdir(source):
            return
        os.makedirs(target, exist_ok=True)
        with os.scandir(source) as entries:
            for entry in entries:
                key = f"{prefix}/{entry.name}"
                if entry.is_symlink():
                    raise ValueError(f"the key {key!r} is a symbolic link, which is refused")
                if entry.is_dir():
                    self._copy_folder(entry.path, key, os.path.join(target, entry.name), keys)
                else:
                    shutil.copyfile(entry.path, os.path.join(target, entry.name))
                    keys.append(key)

    def _store(self, bucket, file, write):
        uploads = os.path.join(self._root, ".uploads")
        os.makedirs(uploads, exist_ok=True)
        part = os.path.join(uploads, os.urandom(16).hex())
        try:
            with open(part, "xb") as target:
                write(target)
            return self._place(part, bucket, file)
        finally:
            os.unlink(part)

    def _place(self, part, bucket, file):
        # A link, unlike a rename, fails where something is: unique means that nothing is ever replaced. The folder may
        # vanish between the two calls when another invocation's object was the last one in it.
        for _ in range(10):
            key = unique_name(file)
            path = self._path(bucket, key)
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                os.link(part, path)
                return key
            except FileNotFoundError:
                continue
            except FileExistsError:
                if not os.path.isfile(path):
                    raise
        raise OSError(f"no place for {file!r} in bucket {bucket!r} after 10 attempts")

    def _bucket(self, bucket):
        folder = os.path.join(self._root, checked_bucket(bucket))
        if not os.path.isdir(folder):
            raise FileNotFoundError(f"there is no bucket {bucket!r}")
        return folder

    def _path(self, bucket, key):
        path = self._bucket(bucket)
        for part in checked_key(bucket, key).split("/"):
            path = os.path.join(path, part)
            if os.path.islink(path):
                raise ValueError(f"the key {key!r} leads through a symbolic link, which is refused")
        return path
