import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { storage } from './storage.mjs';
import { ZipWriter } from './zip-writer.mjs';

const client = storage.getInstance();

export async function handler(event) {
  const { bucket, input, output } = event.bucket;
  const { key } = event.object;
  const folder = await mkdtemp(join(tmpdir(), 'compression-'));
  try {
    const begin = performance.now();
    await client.downloadDirectory(bucket, `${input}/${key}`, folder);
    const downloaded = performance.now();
    const archive = join(folder, 'archive.zip');
    const { files, input_bytes } = await pack(join(folder, input, key), archive);
    const packed = performance.now();
    const zip_bytes = (await stat(archive)).size;
    const zip_key = await client.upload(bucket, `${output}/${key}.zip`, archive);
    const uploaded = performance.now();
    return {
      result: { bucket, key: zip_key, files, input_bytes, zip_bytes },
      measurement: {
        download_us: Math.round((downloaded - begin) * 1000),
        compute_us: Math.round((packed - downloaded) * 1000),
        upload_us: Math.round((uploaded - packed) * 1000),
        download_bytes: input_bytes,
        upload_bytes: zip_bytes,
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Packs all files below a folder; how many, and their bytes. */
async function pack(folder, archive) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const zip = await ZipWriter.create(archive);
  let input_bytes = 0;
  try {
    for (const path of paths.sort()) {
      const content = await readFile(path);
      await zip.add(relative(folder, path), content);
      input_bytes += content.length;
    }
    await zip.finish();
  } finally {
    await zip.close();
  }
  return { files: paths.length, input_bytes };
}
