import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { storage } from './storage.mjs';

const client = storage.getInstance();

export async function handler(event) {
  const { bucket, input, output } = event.bucket;
  const { key, width, height } = event.object;
  const begin = performance.now();
  const picture = await buffer(await client.downloadStream(bucket, `${input}/${key}`));
  const downloaded = performance.now();
  const thumbnail = await sharp(picture)
    .resize(width, height, { fit: 'inside', withoutEnlargement: true, kernel: 'lanczos3' })
    .removeAlpha()
    .png({ palette: false })
    .toBuffer();
  const scaled = performance.now();
  const uploadedKey = await client.uploadStream(bucket, `${output}/${key}`, thumbnail);
  const uploaded = performance.now();
  return {
    result: { bucket, key: uploadedKey, bytes: thumbnail.byteLength, nonce: event.nonce },
    measurement: {
      download_us: Math.round((downloaded - begin) * 1000),
      compute_us: Math.round((scaled - downloaded) * 1000),
      upload_us: Math.round((uploaded - scaled) * 1000),
      download_bytes: picture.byteLength,
      upload_bytes: thumbnail.byteLength,
    },
  };
}
