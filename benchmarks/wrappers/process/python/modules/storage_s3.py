"""Client of a storage that speaks S3: MinIO, or any other; standard library only, buckets in the path."""

import io
import os
import re
import shutil
from urllib.parse import unquote_plus

from .shared_signing import Service
from .storage_base import checked_bucket, checked_key, make_folder_of, unique_name

# S3 takes parts of 5 MB or more, the last one excepted.
PART_BYTES = 8 * 1024 * 1024


class S3Storage:
    def __init__(self):
        self._service = Service(
            "s3",
            os.environ["SEBS_STORAGE_ENDPOINT"],
            os.environ["SEBS_STORAGE_REGION"],
            os.environ["SEBS_STORAGE_ACCESS_KEY"],
            os.environ["SEBS_STORAGE_SECRET_KEY"],
        )

    def upload(self, bucket, file, filepath):
        """Stores a local file; returns the unique key that it got."""
        key = unique_name(file)
        length = os.path.getsize(filepath)
        self._send("PUT", bucket, key, body=lambda: open(filepath, "rb"), length=length)
        return key

    def upload_stream(self, bucket, file, data):
        """Stores bytes, or what a file-like object still has to read; returns the unique key that it got."""
        key = unique_name(file)
        source = data if hasattr(data, "read") else io.BytesIO(data)
        first = read_part(source)
        if len(first) < PART_BYTES:
            self._send("PUT", bucket, key, body=first)
        else:
            self._upload_parts(bucket, key, first, source)
        return key

    def download(self, bucket, file, filepath):
        """Writes an object to a local file; folders on the way are made."""
        response = self._open("GET", bucket, file)
        make_folder_of(filepath)
        with open(filepath, "wb") as target:
            shutil.copyfileobj(response, target, 1 << 20)
            # Read in portions, a response that was cut off looks like one that has ended.
            if target.tell() != int(response.headers["content-length"]):
                raise OSError(f"'{file}' in bucket '{bucket}' was cut off after {target.tell()} bytes")
        self._service.done(response)

    def download_stream(self, bucket, file):
        """The bytes of an object."""
        return self._send("GET", bucket, file)[1]

    def download_directory(self, bucket, prefix, path):
        """Writes all objects below a prefix to `path`/<key>; returns their keys in order."""
        keys = self._list(bucket, checked_key(bucket, prefix.rstrip("/")) + "/")
        for key in keys:
            self.download(bucket, key, os.path.join(path, *checked_key(bucket, key).split("/")))
        return sorted(keys)

    def _list(self, bucket, prefix):
        keys, token = [], None
        while True:
            query = [("list-type", "2"), ("encoding-type", "url"), ("prefix", prefix)]
            query += [] if token is None else [("continuation-token", token)]
            text = self._send("GET", bucket, None, query)[1].decode()
            keys += [unquote_plus(key) for key in re.findall(r"<Key>(.*?)</Key>", text)]
            found = re.search(r"<NextContinuationToken>(.*?)</NextContinuationToken>", text)
            if found is None:
                return keys
            token = unescaped(found.group(1))

    def _upload_parts(self, bucket, key, part, source):
        begun = self._send("POST", bucket, key, [("uploads", "")])[1].decode()
        upload = unescaped(re.search(r"<UploadId>(.*?)</UploadId>", begun)[1])
        tags = []
        try:
            while part:
                query = [("partNumber", str(len(tags) + 1)), ("uploadId", upload)]
                tags.append(self._send("PUT", bucket, key, query, body=part)[0]["etag"])
                part = read_part(source)
            numbered = enumerate(tags, start=1)
            parts = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{tag}</ETag></Part>" for n, tag in numbered)
            body = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
            _, answer = self._send("POST", bucket, key, [("uploadId", upload)], body=body)
            # This one answer may be an error that comes with status 200.
            if b"<Error>" in answer:
                raise OSError(f"'{key}' could not be put together in bucket '{bucket}': {code_in(answer)}")
        except BaseException:
            self._send("DELETE", bucket, key, [("uploadId", upload)])
            raise

    def _send(self, method, bucket, key, query=(), body=None, length=None):
        """Headers and body of a response that was read in full."""
        response = self._open(method, bucket, key, query, body, length)
        content = response.read()
        self._service.done(response)
        return response.headers, content

    def _open(self, method, bucket, key, query=(), body=None, length=None):
        path = f"/{checked_bucket(bucket)}" + ("" if key is None else f"/{checked_key(bucket, key)}")
        headers = {} if method == "GET" else {"content-length": str(len(body or b"") if length is None else length)}
        response = self._service.request(method, path, query, headers, body)
        if response.status < 300:
            return response
        content = response.read()
        self._service.done(response)
        if response.status == 404:
            raise FileNotFoundError(f"there is no object '{key}' in bucket '{bucket}' ({code_in(content)})")
        raise OSError(f"{method} of '{key}' in bucket '{bucket}' failed: {response.status} {code_in(content)}")


def read_part(source):
    """As much of a part as there is: one read of a stream may give less."""
    part = bytearray()
    while len(part) < PART_BYTES:
        chunk = source.read(PART_BYTES - len(part))
        if not chunk:
            break
        part += chunk
    return bytes(part)


def code_in(xml):
    found = re.search(rb"<Code>(.*?)</Code>", xml)
    return "no reason given" if found is None else found.group(1).decode()


def unescaped(text):
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#34;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text
