// Makes undici ready: its first request compiles the HTTP parser, about 9 ms that would be part of the first measured
// one. Comes in: undici; goes out: nothing. One request goes to a stream in this process that answers like a server, so
// that no socket is opened and no port is taken.
import { Duplex } from 'node:stream';
import type { Undici } from './undici.js';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

export async function warmUp({ Client }: Undici): Promise<void> {
  const client = new Client('http://127.0.0.1', {
    // Not at once: undici expects that connecting takes a moment.
    connect: (_options, callback) => queueMicrotask(() => callback(null, answeringStream() as never)),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.dispatch(
        { method: 'POST', path: '/', headers: { 'content-type': 'application/json' }, body: '{}' },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData() {},
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  } finally {
    await client.destroy();
  }
}

/** Answers once, when head and body have been written together. */
function answeringStream(): Duplex {
  return new Duplex({
    read() {},
    writev(_chunks, callback) {
      callback();
      this.push(ANSWER);
    },
  });
}
