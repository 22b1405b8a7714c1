"""Signed requests (AWS signature version 4) over connections that are kept, with the standard library alone: what S3 and
DynamoDB servers ask for, MinIO and ScyllaDB included. Credentials stay in this process.
"""

import hashlib
import hmac
import http.client
import time
from urllib.parse import quote, urlsplit

TIMEOUT_S = 60
UNSIGNED = "UNSIGNED-PAYLOAD"


class Service:
    """One service of one server."""

    def __init__(self, name, endpoint, region, access_key, secret_key):
        url = urlsplit(endpoint)
        self._name, self._region = name, region
        self._access_key, self._secret_key = access_key, secret_key
        self._host = url.netloc
        self._connection = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self._idle = []
        self._signing_key = (None, None)

    def request(self, method, path, query=(), headers=(), body=None, body_hash=UNSIGNED):
        """The response, to be read in full and given to `done`. `body`: bytes, or a function that opens a file.

        A kept connection may have been closed by the server: then the request is sent again on a new one.
        """
        while True:
            kept = bool(self._idle)
            connection = self._idle.pop() if kept else self._connection(self._host, timeout=TIMEOUT_S)
            content = body() if callable(body) else body
            try:
                target, signed = self._sign(method, path, query, dict(headers), body_hash)
                connection.request(method, target, body=content, headers=signed)
                response = connection.getresponse()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                connection.close()
                if not kept:
                    raise
                continue
            except BaseException:
                connection.close()
                raise
            finally:
                if hasattr(content, "close"):
                    content.close()
            response.kept_by = connection
            return response

    def done(self, response):
        """What is left of a response is read, and its connection kept."""
        response.read()
        if not response.will_close:
            self._idle.append(response.kept_by)

    def _sign(self, method, path, query, headers, body_hash):
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        path = quote(path, safe="/-_.~")
        query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query))
        headers = {"host": self._host, "x-amz-date": now, "x-amz-content-sha256": body_hash, **headers}
        names = ";".join(sorted(headers))
        canonical = "\n".join(
            [method, path, query, *(f"{name}:{headers[name]}" for name in sorted(headers)), "", names, body_hash]
        )
        scope = f"{now[:8]}/{self._region}/{self._name}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self._key_of(now[:8]), text.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        return f"{path}?{query}" if query else path, headers

    def _key_of(self, day):
        if self._signing_key[0] != day:
            key = ("AWS4" + self._secret_key).encode()
            for part in (day, self._region, self._name, "aws4_request"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            self._signing_key = (day, key)
        return self._signing_key[1]
