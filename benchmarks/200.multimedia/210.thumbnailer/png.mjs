// PNG with 8 bits in each of three colours, as far as this benchmark needs it: written without filters, read with all of
// them. ISO/IEC 15948 (Portable Network Graphics), sections 5, 9 and 11.
import { crc32, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLOURS = 3;
const MOST_BYTES = 64 * 1_048_576;

/** `compress`: zlib data from rows that begin with a zero byte each. */
export function encodePng({ width, height, pixels }, compress) {
  const rows = Buffer.alloc(height * (width * COLOURS + 1));
  for (let y = 0; y < height; y += 1)
    rows.set(pixels.subarray(y * width * COLOURS, (y + 1) * width * COLOURS), y * (width * COLOURS + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', compress(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  result.set(body, 4);
  result.writeUInt32BE(crc32(body), body.length + 4);
  return result;
}

/** Throws an Error in words for whatever is no such picture, or is damaged. */
export function decodePng(data) {
  const file = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new Error('it is no PNG');
  let header;
  const parts = [];
  for (let at = 8, type = ''; type !== 'IEND'; ) {
    if (at + 12 > file.length) throw new Error('it is cut off');
    const length = file.readUInt32BE(at);
    type = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 4, at + 8 + length);
    if (at + 12 + length > file.length || crc32(body) !== file.readUInt32BE(at + 8 + length))
      throw new Error(`its part ${type} is damaged`);
    if (type === 'IHDR') header = headerOf(body.subarray(4));
    if (type === 'IDAT') parts.push(body.subarray(4));
    at += 12 + length;
  }
  if (header === undefined) throw new Error('it has no header');
  const rows = inflateSync(Buffer.concat(parts), { maxOutputLength: MOST_BYTES });
  return { ...header, pixels: unfiltered(rows, header) };
}

function headerOf(body) {
  const settings = [...body.subarray(8, 13)];
  if (settings.join() !== '8,2,0,0,0') throw new Error(`it is not 8 bits of red, green and blue (${settings.join()})`);
  return { width: body.readUInt32BE(0), height: body.readUInt32BE(4) };
}

function unfiltered(rows, { width, height }) {
  const stride = width * COLOURS;
  if (rows.length !== height * (stride + 1)) throw new Error(`it has ${rows.length} bytes of pixels`);
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x += 1) {
      const left = x < COLOURS ? 0 : pixels[y * stride + x - COLOURS];
      const above = y === 0 ? 0 : pixels[(y - 1) * stride + x];
      const corner = x < COLOURS || y === 0 ? 0 : pixels[(y - 1) * stride + x - COLOURS];
      pixels[y * stride + x] = rows[y * (stride + 1) + 1 + x] + predicted(filter, left, above, corner);
    }
  }
  return pixels;
}

function predicted(filter, left, above, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter !== 4) throw new Error(`it has rows of an unknown kind (${filter})`);
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value));
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
