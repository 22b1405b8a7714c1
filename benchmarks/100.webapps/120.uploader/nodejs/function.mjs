import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { storage } from './storage.mjs';

const client = storage.getInstance();

export async function handler(event) {
  const { bucket, input, output } = event.bucket;
  const { key } = event.object;
  const folder = await mkdtemp(join(tmpdir(), 'uploader-'));
  try {
    const path = join(folder, 'file');
    const begin = performance.now();
    await fetchInto(path, event.url, bucket, `${input}/${key}`);
    const fetched = performance.now();
    const storedKey = await client.upload(bucket, `${output}/${key}`, path);
    const stored = performance.now();
    const { size } = await stat(path);
    return {
      result: { bucket, key: storedKey, bytes: size, nonce: event.nonce },
      measurement: {
        download_us: Math.round((fetched - begin) * 1000),
        upload_us: Math.round((stored - fetched) * 1000),
        download_bytes: size,
        upload_bytes: size,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From an address where the event names one, else from the storage. */
async function fetchInto(path, url, bucket, key) {
  if (url === undefined) return client.download(bucket, key, path);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered with status ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(path));
}
