// The files and texts that are no suite, and the limits that keep a bad one from costing time or memory.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSuite } from '../../src/spec/load.js';
import { parseYaml } from '../../src/spec/yaml-document.js';
import { BASE, load, messagesOf } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'sebs-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function messagesOfBytes(name: string, bytes: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return (await messagesOf(loadSuite({ file, env: {}, benchmarkIds: [] }))).replaceAll(file, name);
}

async function messagesOfFile(file: string): Promise<string> {
  return (await messagesOf(loadSuite({ file, env: {}, benchmarkIds: [] }))).replaceAll(folder, '');
}

describe('files', () => {
  it('that are missing, folders, or without end are refused with the reason', async () => {
    expect(await messagesOfFile(join(folder, 'none.yaml'))).toBe(
      '/none.yaml:1:1 cannot be read: there is no such file',
    );
    expect(await messagesOfFile(folder)).toBe(':1:1 cannot be read: it is a folder');
    expect(await messagesOfFile('/dev/zero')).toBe(
      '/dev/zero:1:1 the file is larger than 1 MB, which no suite needs (is it the right file?)',
    );
    expect(await messagesOfFile('bad\0name')).toMatch(/^bad\0name:1:1 cannot be read: /);
  });

  it('of 50 MB are refused after their first megabyte', async () => {
    const file = join(folder, 'large.yaml');
    const line = Buffer.from('key: value\n'.repeat(1000));
    for (let written = 0; written < 50e6; written += line.length) appendFileSync(file, line);
    const before = process.memoryUsage.rss();
    expect(await messagesOfFile(file)).toBe(
      '/large.yaml:1:1 the file is larger than 1 MB, which no suite needs (is it the right file?)',
    );
    expect(process.memoryUsage.rss() - before).toBeLessThan(20 * 2 ** 20);
  });

  it('larger than 1 MB are refused, up to 1 MB they are read', async () => {
    const comment = `# ${'x'.repeat(1_048_576)}\n`;
    expect(await messagesOfBytes('huge.yaml', comment + BASE)).toMatch(/^huge\.yaml:1:1 the file is larger than 1 MB/);
    expect(await messagesOf(load(comment + BASE))).toMatch(/^suite\.yaml:1:1 the file is larger than 1 MB/);
    const full = comment.slice(0, 2) + comment.slice(5 + BASE.length);
    expect(await messagesOf(load(full + BASE))).toBe('');
  });

  it('that are no UTF-8 text are refused at the byte where they stop being it', async () => {
    const invalid = Buffer.concat([Buffer.from('version: 1\nname: é'), Buffer.from([0xc3, 0x28]), Buffer.from(BASE)]);
    expect(await messagesOfBytes('a.yaml', invalid)).toMatch(/^a\.yaml:2:8 this is not UTF-8 text: found 0xc3/);
    expect(await messagesOfBytes('b.yaml', 'version: 1\nname: a\u0000b\n')).toMatch(/^b\.yaml:2:8 .* found 0x00/);
    expect(await messagesOfBytes('c.yaml', Buffer.from(BASE, 'utf16le'))).toMatch(/^c\.yaml:1:2 .* found 0x00/);
    expect(await messagesOfBytes('d.yaml', Buffer.from([0xff, 0xfe, 0x41]))).toMatch(/^d\.yaml:1:1 .* found 0xff/);
    expect(await messagesOfBytes('e.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xe2, 0x82]))).toMatch(
      /^e\.yaml:1:4 .* found 0xe2/,
    );
  });

  it('with a byte order mark or Windows line ends are read', async () => {
    expect(await messagesOf(load(`\uFEFF${BASE}`))).toBe('');
    expect(await messagesOf(load(BASE.replaceAll('\n', '\r\n')))).toBe('');
    expect(await messagesOf(load(`\uFEFFversion: 2\n${BASE.slice(11)}`))).toMatch(/^suite\.yaml:1:10 version: /);
  });

  it.runIf(process.platform !== 'win32')('may be pipes', async () => {
    const script = `${BASE.replaceAll('\n', '\\n')}`;
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const writer = execFileSync.bind(undefined, 'sh', ['-c', `printf '${script}' > '${fifo}' &`], { stdio: 'ignore' });
    writer();
    expect(await messagesOf(loadSuite({ file: fifo, env: {}, benchmarkIds: ['010.sleep'] }))).toBe('');
  });
});

describe('YAML', () => {
  it.each([
    [
      'a second document',
      `${BASE}---\na: 1\n`,
      'suite.yaml:6:1 a second document begins here (a file holds one: remove the line with --- or ...)',
    ],
    [
      'a text that begins with @',
      `${BASE}description: @home\n`,
      'suite.yaml:6:14 a text cannot begin with @ (put it in quotes)',
    ],
    [
      'two colons',
      `${BASE}description: a: b\n`,
      "suite.yaml:6:14 a second `key: value` on one line (put text that contains ': ' in quotes)",
    ],
    [
      'a line without a colon',
      `${BASE}just text\nseed: 1\n`,
      'suite.yaml:6:1 this is no `key: value` (is a colon missing, or a space after it?)',
    ],
    ['a bracket that stays open', `${BASE}factors: { memory: [1, 2 }\n`, /^suite\.yaml:6:\d+ /],
    [
      'a quote that stays open',
      `${BASE}description: "x\n`,
      /^suite\.yaml:\d+:\d+ this is not valid YAML: missing closing "quote/,
    ],
    [
      'an older YAML',
      `%YAML 1.1\n---\n${BASE}`,
      'suite.yaml:1:1 the file asks for YAML 1.1; it has to be YAML 1.2 (remove the %YAML line)',
    ],
    ['a key that is a list', `${BASE}? [a]\n: 1\n`, 'suite.yaml:6:3 a key must be a plain word'],
    ['a scalar', 'hello\n', /^suite\.yaml:1:1 must be a suite: .*, not the text 'hello'$/],
    ['a list', '- 1\n', /^suite\.yaml:1:1 must be a suite: .*, not a list$/],
    ['nothing', '', /^suite\.yaml:1:1 the file is empty/],
    ['null', '~\n', /^suite\.yaml:1:1 the file is empty/],
    ['an unknown tag', `${BASE}seed: !secret 1\n`, /^suite\.yaml:6:\d+ seed: the tag '!secret' means nothing here/],
    ['a binary', `${BASE}seed: !!binary aGk=\n`, /^suite\.yaml:6:\d+ seed: the tag .*binary' means nothing here/],
  ])('with %s is refused', async (_what, text, message) => {
    const said = await messagesOf(load(text));
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said.split('\n')[0]).toMatch(message);
  });

  it('is bounded: depth, aliases, merges and long maps end in a message within seconds', async () => {
    const nested = (open: string, times: number) => `a: ${open.repeat(times)}`;
    expect(await messagesOf(load(nested('[', 33) + ']'.repeat(33)))).toBe(
      'suite.yaml:1:36 a'.concat('[0]'.repeat(32), ': nested more than 32 levels deep'),
    );
    expect(await messagesOf(load(nested('[', 100_000)))).toBe(
      'suite.yaml:1:1 nested too deeply'.replace('1:1', positionOf(nested('[', 100_000))),
    );
    expect(await messagesOf(load(nested('{a: ', 20_000)))).toMatch(/ nested too deeply$/);
    const chain = Array.from(
      { length: 40 },
      (_, index) => `k${index}: &a${index} [${index === 0 ? 1 : `*a${index - 1}`}]`,
    );
    expect(await messagesOf(load(chain.join('\n')))).toMatch(/nested more than 32 levels deep/);
    const big = `big: &big {${Array.from({ length: 5000 }, (_, index) => `k${index}: 1`).join(', ')}}\n`;
    expect(await messagesOf(load(`${big}many: [${Array(5000).fill('{<<: *big}').join(', ')}]`))).toMatch(
      /expands to more than 500000 values/,
    );
    const long = Array.from({ length: 20_000 }, (_, index) => `k${index}: ${index}`).join('\n');
    expect((await messagesOf(load(long))).split('\n')).toHaveLength(101);
  }, 30_000);
});

// Where the parser gives up depends on the size of its stack; that it says so there does not.
function positionOf(text: string): string {
  try {
    parseYaml('suite.yaml', text);
  } catch (error) {
    return /suite\.yaml:(\d+:\d+)/.exec(String(error))?.[1] ?? '';
  }
  return '';
}

describe('places', () => {
  const document = parseYaml(
    'f.yaml',
    '# comment\na: 1\nb:\n  - x\n  - k: 3.10\nc: &anchor { d: e }\nf: *anchor\ng:\n',
  );

  it('are those of the value, or of the key when that is asked for', () => {
    expect(document.locate(['a'])).toEqual({ file: 'f.yaml', line: 2, column: 4 });
    expect(document.locate(['a'], 'key')).toEqual({ file: 'f.yaml', line: 2, column: 1 });
    expect(document.locate(['b', 1, 'k'])).toEqual({ file: 'f.yaml', line: 5, column: 8 });
    expect(document.locate(['b', 1, 'k'], 'key')).toEqual({ file: 'f.yaml', line: 5, column: 5 });
    expect(document.sourceOf(['b', 1, 'k'])).toBe('3.10');
  });

  it('of something missing are those of its nearest parent', () => {
    expect(document.locate(['b', 7])).toEqual({ file: 'f.yaml', line: 3, column: 1 });
    expect(document.locate(['nothing', 'here'])).toEqual({ file: 'f.yaml', line: 1, column: 1 });
    expect(document.locate(['g'])).toEqual({ file: 'f.yaml', line: 8, column: 1 });
  });

  it('of an alias are where it is used, of what is inside it where it is written', () => {
    expect(document.locate(['f'])).toEqual({ file: 'f.yaml', line: 7, column: 4 });
    expect(document.locate(['f', 'd'])).toEqual({ file: 'f.yaml', line: 6, column: 17 });
  });
});
