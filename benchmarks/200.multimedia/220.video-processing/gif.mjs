// Animated GIF, read frame by frame as a viewer shows it. CompuServe, "Graphics Interchange Format, version 89a", 1990:
// blocks in sections 18 to 26, compression in appendix F. Comes in: a file; goes out: whole frames as red, green, blue.

const [IMAGE, EXTENSION, END, CONTROL] = [0x2c, 0x21, 0x3b, 0xf9];

/** Throws an Error in words for whatever is no such file, or is cut off. */
export function* decodeGif(data) {
  const file = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!/^GIF8[79]a$/.test(file.toString('latin1', 0, 6))) throw new Error('it is no GIF');
  const [width, height] = [file.readUInt16LE(6), file.readUInt16LE(8)];
  const canvas = new Uint8Array(width * height * 3);
  const common = paletteAt(file, 13, file[10]);
  let at = 13 + common.length;
  let transparent = -1;
  for (;;) {
    const kind = byteAt(file, at);
    if (kind === END) return;
    if (kind === EXTENSION) {
      // Frames of ffmpeg stay and are drawn over: what to do with the last one need not be read.
      if (file[at + 1] === CONTROL) transparent = (byteAt(file, at + 3) & 1) === 1 ? byteAt(file, at + 6) : -1;
      at = subBlocks(file, at + 2).end;
    } else if (kind === IMAGE) {
      const [left, top, across, down] = [1, 3, 5, 7].map((offset) => file.readUInt16LE(at + offset));
      const own = paletteAt(file, at + 10, byteAt(file, at + 9));
      const bits = byteAt(file, at + 10 + own.length);
      const { bytes, end } = subBlocks(file, at + 11 + own.length);
      const indices = decompress(bytes, bits, across * down);
      draw(canvas, width, { left, top, across, down, indices, transparent }, own.length > 0 ? own : common);
      at = end;
      transparent = -1;
      yield { width, height, pixels: canvas };
    } else throw new Error(`it has a block of an unknown kind (${kind})`);
  }
}

function byteAt(file, at) {
  const byte = file[at];
  if (byte === undefined) throw new Error('it is cut off');
  return byte;
}

/** Three bytes a colour; none when the flag for a palette is not set. */
function paletteAt(file, at, flags) {
  return (flags & 0x80) === 0 ? Buffer.alloc(0) : file.subarray(at, at + 3 * 2 ** ((flags & 7) + 1));
}

function subBlocks(file, from) {
  const parts = [];
  let at = from;
  for (let length = byteAt(file, at); length > 0; length = byteAt(file, at)) {
    parts.push(file.subarray(at + 1, at + 1 + length));
    at += length + 1;
  }
  return { bytes: Buffer.concat(parts), end: at + 1 };
}

function draw(canvas, width, { left, top, across, down, indices, transparent }, palette) {
  for (let y = 0; y < down; y += 1)
    for (let x = 0; x < across; x += 1) {
      const index = indices[y * across + x];
      if (index !== transparent)
        canvas.set(palette.subarray(index * 3, index * 3 + 3), ((top + y) * width + left + x) * 3);
    }
}

/** LZW with codes that grow from `bits` + 1 to 12 bits. A code is a code before it with one more index. */
function decompress(bytes, bits, count) {
  const [clear, end] = [2 ** bits, 2 ** bits + 1];
  const [before, last, lengths] = [new Uint16Array(4096), new Uint8Array(4096), new Uint16Array(4096)];
  for (let index = 0; index < clear; index += 1) [last[index], lengths[index]] = [index, 1];
  const result = new Uint8Array(count);
  let [next, size, previous, written, hold, held] = [end + 1, bits + 1, -1, 0, 0, 0];
  for (const byte of bytes) {
    hold |= byte << held;
    for (held += 8; held >= size; ) {
      const code = hold & (2 ** size - 1);
      hold >>>= size;
      held -= size;
      if (code === end) return complete(result, written);
      if (code === clear) {
        [next, size, previous] = [end + 1, bits + 1, -1];
        continue;
      }
      if (code > next || (code === next && previous < 0)) throw new Error('its pixels are damaged');
      if (previous >= 0 && next < 4096) {
        [before[next], lengths[next]] = [previous, lengths[previous] + 1];
        last[next] = firstOf(code === next ? previous : code, before, last, lengths);
        next += 1;
        if (next === 2 ** size && size < 12) size += 1;
      }
      written += lengths[code];
      if (written > count) throw new Error('it has too many pixels');
      for (let at = written - 1, one = code, left = lengths[code]; left > 0; at -= 1, left -= 1) {
        result[at] = last[one];
        one = before[one];
      }
      previous = code;
    }
  }
  return complete(result, written);
}

function complete(result, written) {
  if (written !== result.length) throw new Error(`it has ${written} pixels of ${result.length} in a frame`);
  return result;
}

function firstOf(code, before, last, lengths) {
  let one = code;
  for (let left = lengths[code]; left > 1; left -= 1) one = before[one];
  return last[one];
}
