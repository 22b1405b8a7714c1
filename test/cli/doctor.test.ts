// What doctor says of a machine: made-up machines for each warning, the real one through the real command.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { machineChecks } from '../../src/commands/doctor-machine.js';
import { sebs } from '../support/cli.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sebs-doctor-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const CALM = {
  'proc/meminfo': 'MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n',
  'proc/loadavg': '0.50 0.40 0.30 1/100 99\n',
  'proc/self/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
  'proc/sys/kernel/perf_event_paranoid': '2\n',
};

test('a calm machine has nothing to warn of', () => {
  expect(checksOf(CALM)).toEqual([
    { name: 'memory', state: 'ok', text: '4 GB of 8 GB available' },
    { name: 'processors', state: 'ok', text: '4 cores, load 0.50 over the last minute' },
    { name: 'cgroups', state: 'ok', text: 'version 2' },
    { name: 'perf events', state: 'ok', text: 'kernel.perf_event_paranoid is 2' },
  ]);
});

test.each([
  ['memory', { 'proc/meminfo': 'MemTotal: 8388608 kB\nMemAvailable: 512000 kB\n' }],
  ['processors', { 'proc/loadavg': '2.10 1 1 1/100 99\n' }],
  ['cgroups', { 'proc/self/mounts': 'proc /proc proc rw 0 0\n' }],
  ['perf events', { 'proc/sys/kernel/perf_event_paranoid': '4\n' }],
])('%s: a warning has a next step', (name, change) => {
  const warnings = checksOf({ ...CALM, ...change }).filter(({ state }) => state === 'warning');
  expect(warnings).toEqual([
    { name, state: 'warning', text: expect.any(String), hint: expect.stringMatching(/.{20}/) },
  ]);
});

test('a system that shows nothing is not warned of', () => {
  expect(machineChecks(join(root, 'empty'), 4)).toEqual([]);
});

test('doctor looks at the machine and each platform, and says what can be used', async () => {
  const { code, stdout, stderr } = await sebs(['doctor', '--platform', 'process']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^This machine\n {2}ok {7}Node\.js: /);
  expect(stdout).toMatch(/\nPlatform process\n {2}ok {7}/);
  expect(stdout).toMatch(/\nsebs is ready.*\nprocess is ready/);
  const { stdout: json } = await sebs(['doctor', '--platform', 'process', '--json']);
  const checks = JSON.parse(json) as { name: string; state: string; platform?: string }[];
  expect(checks.find(({ name }) => name === 'Node.js')).toMatchObject({ state: 'ok' });
  expect(checks.some(({ platform }) => platform === 'process')).toBe(true);
});

test('what sebs itself cannot do without ends in 4, with the next step', async () => {
  writeFileSync(join(root, 'a-file'), '');
  const { code, stdout } = await sebs(['doctor', '--platform', 'process', '--out', join(root, 'a-file', 'reports')]);
  expect(code).toBe(4);
  expect(stdout).toMatch(/missing {2}run folders: .*\n +-> /);
  expect(stdout).toContain('sebs cannot work here: it lacks run folders');
});

test('a platform that does not exist is a mistake of the command line', async () => {
  const { code, stderr } = await sebs(['doctor', '--platform', 'prcess']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: there is no platform 'prcess'\nhint: /);
});

function checksOf(files: Readonly<Record<string, string>>) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return machineChecks(root, 4);
}
