// Writes zip archives with deflate (level 6), as PKWARE's APPNOTE describes them: for each file a local header and its
// data, then the central directory. Without Zip64: at most 65,535 files and 4 GiB.
import { open } from 'node:fs/promises';
import zlib from 'node:zlib';

const VERSION = 20; // deflate and folders
const UTF8_NAMES = 0x0800;
const DEFLATE = 8;
const EPOCH = { time: 0, date: 0x21 }; // 1980-01-01: the same tree gives the same archive

export class ZipWriter {
  #file;
  #offset = 0;
  #directory = [];

  static async create(path) {
    const writer = new ZipWriter();
    writer.#file = await open(path, 'wx');
    return writer;
  }

  async add(name, content) {
    const data = zlib.deflateRawSync(content, { level: 6 });
    const path = Buffer.from(name.replaceAll('\\', '/'), 'utf8');
    const facts = factsOf(content, data, path);
    const header = Buffer.alloc(4);
    header.writeUInt32LE(0x04034b50);
    const offset = this.#offset;
    await this.#write([header, facts, path, data]);
    this.#directory.push(directoryEntry(facts, path, offset));
  }

  async finish() {
    const count = this.#directory.length;
    const offset = this.#offset;
    await this.#write([Buffer.concat(this.#directory)]);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(count, 8);
    end.writeUInt16LE(count, 10);
    end.writeUInt32LE(this.#offset - offset, 12);
    end.writeUInt32LE(offset, 16);
    await this.#write([end]);
  }

  async close() {
    await this.#file.close();
  }

  async #write(parts) {
    const { bytesWritten } = await this.#file.writev(parts);
    const expected = parts.reduce((sum, part) => sum + part.length, 0);
    if (bytesWritten !== expected)
      throw new Error(`${bytesWritten} of ${expected} bytes were written: is the disk full?`);
    this.#offset += bytesWritten;
  }
}

/** The 26 bytes that a local header and the directory have in common, from `version needed` on. */
function factsOf(content, data, path) {
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(VERSION, 0);
  facts.writeUInt16LE(UTF8_NAMES, 2);
  facts.writeUInt16LE(DEFLATE, 4);
  facts.writeUInt16LE(EPOCH.time, 6);
  facts.writeUInt16LE(EPOCH.date, 8);
  facts.writeUInt32LE(zlib.crc32(content), 10);
  facts.writeUInt32LE(data.length, 14);
  facts.writeUInt32LE(content.length, 18);
  facts.writeUInt16LE(path.length, 22);
  return facts;
}

function directoryEntry(facts, path, offset) {
  const before = Buffer.alloc(6);
  before.writeUInt32LE(0x02014b50, 0);
  before.writeUInt16LE(VERSION, 4);
  const after = Buffer.alloc(14);
  after.writeUInt32LE(offset, 10);
  return Buffer.concat([before, facts, after, path]);
}
