// The command line as a person meets it: help, wrong words, streams and exit codes. Real processes of dist/cli.js.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, ROOT, sebs } from '../support/cli.js';

test('help lists every command in its group, and nothing goes to stderr', async () => {
  const { code, stdout, stderr } = await sebs(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(groupsOf(stdout)).toEqual({
    Begin: ['init', 'list', 'doctor'],
    Measure: ['validate', 'plan', 'run', 'resume', 'invoke', 'package', 'regression'],
    Afterwards: ['process', 'report', 'statistics', 'verify'],
    Housekeeping: ['cache', 'resources', 'storage', 'images', 'local'],
  });
});

test('every file that the help points to exists', async () => {
  const { stdout } = await sebs(['--help']);
  const files = stdout.match(/\b(?:docs\/)?[\w-]+\.md\b/g) ?? [];
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect(readFileSync(join(ROOT, file), 'utf8').length, file).toBeGreaterThan(200);
});

test('help of every command ends in 0 and names its arguments', async () => {
  const { stdout } = await sebs(['--help']);
  for (const command of Object.values(groupsOf(stdout)).flat()) {
    const help = await sebs([command, '--help']);
    expect({ command, code: help.code, stderr: help.stderr }).toEqual({ command, code: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(`^Usage: sebs ${command}\\b`));
  }
});

test('the version is that of package.json, alone on its line', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(await sebs(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.each([
  [[], ['--help']],
  [['help'], ['--help']],
  [
    ['help', 'run'],
    ['run', '--help'],
  ],
  [['cache'], ['cache', '--help']],
  [
    ['help', 'cache', 'prune'],
    ['cache', 'prune', '--help'],
  ],
])('sebs %j shows the help of %j', async (asked, same) => {
  const help = await sebs(asked);
  expect(help).toEqual(await sebs(same));
  expect(help.code).toBe(0);
});

test('--debug adds the stack of an error, wherever it stands; SEBS_DEBUG=1 does the same', async () => {
  const plain = await sebs(['report', 'nothing']);
  const asked = await sebs(['report', 'nothing', '--debug']);
  expect(plain.stderr).not.toContain('    at ');
  expect(asked.stderr.startsWith(plain.stderr)).toBe(true);
  expect(asked.stderr).toMatch(/\n {4}at .*run-folder/);
  expect(await sebs(['report', 'nothing'], { env: { SEBS_DEBUG: '1' } })).toEqual(asked);
});

test.each([
  [['rnu', 'suite.yaml'], "error: unknown command 'rnu'\n(Did you mean run?)\n(sebs --help shows all commands)\n"],
  [
    ['run', '--quite', 'suite.yaml'],
    "error: unknown option '--quite'\n(Did you mean --quiet?)\n(sebs run --help shows how it is used)\n",
  ],
  [['cache', 'lst'], "error: unknown command 'lst'\n(Did you mean list?)\n(sebs --help shows all commands)\n"],
  [['run'], 'error: there is no suite\nhint: name a file, or a --benchmark for a quick look\n'],
  [['resume'], "error: missing required argument 'run'\n(sebs resume --help shows how it is used)\n"],
  [['help', 'rnu'], "error: unknown command 'rnu'\n(Did you mean run?)\n(sebs --help shows all commands)\n"],
  [['rnu', '--help'], "error: unknown command 'rnu'\n(Did you mean run?)\n(sebs --help shows all commands)\n"],
  [
    ['init', 'a', 'b'],
    "error: too many arguments for 'init'. Expected 1 argument but got 2.\n(sebs init --help shows how it is used)\n",
  ],
  [
    ['list', 'benchmark'],
    "error: command-argument value 'benchmark' is invalid for argument 'what'. " +
      'Allowed choices are benchmarks, platforms, experiments, runs.\n(sebs list --help shows how it is used)\n',
  ],
  [
    ['invoke', 'x', '--memory', '128mb'],
    "error: option '--memory <mb>' argument '128mb' is invalid. A whole number from 1 is needed.\n" +
      '(sebs invoke --help shows how it is used)\n',
  ],
])('sebs %j says what is wrong and ends in 2', async (args, stderr) => {
  expect(await sebs(args)).toEqual({ code: 2, stdout: '', stderr });
});

test('an error of the user has a hint and no stack', async () => {
  expect(await sebs(['report', 'nothing', '--out', '/nonexistent'])).toEqual({
    code: 2,
    stdout: '',
    stderr: "error: there is no run 'nothing' in /nonexistent\nhint: no runs yet: sebs run <suite.yaml> makes one\n",
  });
});

test('a reader that goes away is no error', async () => {
  const child = spawn(process.execPath, [CLI, 'list', 'experiments'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.skipIf(!existsSync('/dev/full'))('a full disk behind stdout is said once and costs the success', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [CLI, 'list', 'experiments'], { stdio: ['ignore', full, 'pipe'] });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  closeSync(full);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: what sebs prints cannot be written: ENOSPC.*\nhint: .*\n$/);
});

test.each([
  [['report', ''], "error: command-argument value '' is invalid for argument 'run'. It is empty.\n"],
  [['list', 'runs', '--out', ''], "error: option '--out <dir>' argument '' is invalid. It is empty.\n"],
  [['a\u001b[31mb'], "error: unknown command 'a\\u001b[31mb'\n"],
  [['report', 'a\u001b[31mb', '--out', '/nonexistent'], "error: there is no run 'a\\u001b[31mb' in /nonexistent\n"],
])('sebs %j is refused, and nothing in the message steers a terminal', async (args, message) => {
  const { code, stdout, stderr } = await sebs(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.startsWith(message), stderr).toBe(true);
});

test('another locale changes nothing', async () => {
  const posix = await sebs(['list', 'benchmarks'], { env: { LC_ALL: 'C', LANG: 'C' } });
  expect(posix).toEqual(await sebs(['list', 'benchmarks'], { env: { LC_ALL: 'C.UTF-8' } }));
});

function groupsOf(help: string): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  let group = '';
  for (const line of help.split('\n')) {
    const heading = /^([A-Z][a-z]+):$/.exec(line);
    if (heading?.[1] !== undefined) group = heading[1];
    const command = /^ {2}([a-z]+) /.exec(line);
    if (command?.[1] === undefined || group === 'Options' || group === 'Examples') continue;
    groups[group] = [...(groups[group] ?? []), command[1]];
  }
  return groups;
}
