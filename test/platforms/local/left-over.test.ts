// Nothing is left behind: after a signal, after a kill and a clean-up, after an engine that was restarted in the middle.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../support/cli.js';
import { engine, withoutDocker } from '../../support/docker.js';
import { makeWorkspace, rowsOf, type Workspace } from '../../support/workspace.js';

const SUITE = `
version: 1
name: left-over
platforms: { docker: { type: local } }
benchmarks: [{ id: 010.sleep, language: python }]
experiments: { once: { type: perf-cost, starts: [cold], repetitions: 30 } }
`;

describe.skipIf(withoutDocker('what runs on local leave behind'))('a run on local', () => {
  let user: Workspace;
  let running: ChildProcess | undefined;
  beforeEach(() => {
    user = makeWorkspace();
    user.write('suite.yaml', SUITE);
  });
  afterEach(async () => {
    running?.kill('SIGKILL');
    await user.end();
  });

  function start(): ChildProcess {
    const child = spawn(process.execPath, [join(ROOT, 'dist/cli.js'), 'run', 'suite.yaml', '--no-lock'], {
      cwd: user.path,
      env: user.env,
      stdio: 'ignore',
    });
    running = child;
    return child;
  }

  async function ours(): Promise<string[]> {
    const filters = { label: ['sebs-run'] };
    const containers = (await engine?.client.listContainers({ all: true, filters })) ?? [];
    const networks = (await engine?.client.listNetworks({ filters })) ?? [];
    const runs = [...containers.map(({ Labels }) => Labels), ...networks.map(({ Labels }) => Labels ?? {})];
    return runs.map((labels) => labels['sebs-run'] ?? '').filter((run) => run.includes('left-over'));
  }

  async function untilMeasuring(): Promise<void> {
    await expect.poll(() => rowsIn(user).length, { timeout: 60_000, interval: 100 }).toBeGreaterThan(1);
  }

  it('that is interrupted ends in order and leaves nothing', async () => {
    const child = start();
    await untilMeasuring();
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(await ours()).toEqual([]);
  }, 120_000);

  it('that is killed leaves what `resources clean` finds and removes', async () => {
    const child = start();
    await untilMeasuring();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect((await ours()).length).toBeGreaterThan(0);
    const { code, stdout } = await user.sebs(['resources', 'clean', 'latest'], { timeout: 60_000 });
    expect(code, stdout).toBe(0);
    expect(await ours()).toEqual([]);
  }, 120_000);

  it('that is killed is resumed to its end, every repetition once', async () => {
    user.write('suite.yaml', SUITE.replace('repetitions: 30', 'repetitions: 6'));
    const child = start();
    await untilMeasuring();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    const { code, stderr } = await user.sebs(['resume', 'latest', '--no-lock'], { timeout: 100_000 });
    expect(code, stderr).toBe(0);
    const counted = rowsIn(user).filter(({ role }) => role === 'counted');
    expect(counted.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await ours()).toEqual([]);
  }, 180_000);
});

/** Of the second engine. */
const BRIDGE = 'sebs-test-br';

describe.skipIf(withoutDocker('a Docker engine that is restarted in the middle') || !mayStartEngine())(
  'an engine that is restarted in the middle',
  () => {
    let folder: string;
    let user: Workspace;
    let daemon: ChildProcess | undefined;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'sebs-dockerd-'));
      user = makeWorkspace();
      execFileSync('ip', ['link', 'add', 'name', BRIDGE, 'type', 'bridge']);
      execFileSync('ip', ['address', 'add', '10.213.77.1/24', 'dev', BRIDGE]);
    });
    afterEach(async () => {
      await endEngine();
      execFileSync('ip', ['link', 'delete', BRIDGE]);
      // It leaves the mount of its network namespace.
      for (const mount of mountsBelow(folder)) execFileSync('umount', ['-l', mount]);
      rmSync(folder, { recursive: true, force: true });
      await user.end();
    });

    const socket = (): string => `unix://${folder}/docker.sock`;

    /**
     * One of our own, that touches nothing of the machine's: its own bridge and folders, no firewall rules. Without a
     * bridge of its own an engine removes the one that the machine's engine has made.
     */
    async function startEngine(): Promise<void> {
      const own = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
      const names = ['--pidfile', join(folder, 'pid'), '--host', socket()];
      const args = [
        ...own,
        ...names,
        '--bridge',
        BRIDGE,
        '--iptables=false',
        '--ip-masq=false',
        '--storage-driver',
        'overlay2',
      ];
      daemon = spawn('dockerd', args, { stdio: 'ignore' });
      await expect.poll(() => answers(socket()), { timeout: 60_000, interval: 200 }).toBe(true);
    }

    async function endEngine(): Promise<void> {
      const ending = daemon;
      daemon = undefined;
      if (ending === undefined || ending.exitCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGTERM');
      await ended;
    }

    it('costs the requests under way; the suite goes on, and ends with a report', async () => {
      await startEngine();
      const image = execFileSync('docker', ['save', 'sebs-run:python-3.11', 'sebs-build:python-3.11'], {
        maxBuffer: 2 ** 30,
      });
      execFileSync('docker', ['-H', socket(), 'load'], { input: image, stdio: ['pipe', 'ignore', 'inherit'] });
      user.write(
        'suite.yaml',
        `${SUITE.replace('type: local', 'type: local, network: host').replace('repetitions: 30', 'repetitions: 10')}limits: { failures: 100% }\n`,
      );
      const run = user.sebs(['run', 'suite.yaml', '--no-lock'], { env: { DOCKER_HOST: socket() }, timeout: 150_000 });
      await expect.poll(() => rowsIn(user).length, { timeout: 90_000, interval: 100 }).toBeGreaterThan(1);
      await endEngine();
      await startEngine();
      const { code, stdout, stderr } = await run;
      expect([0, 3], stdout + stderr).toContain(code);
      const rows = rowsIn(user);
      expect(rows.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(3);
      const words = stdout + stderr + rows.map(({ error }) => error ?? '').join('\n');
      expect(words).toMatch(/Docker engine|reset|lost/);
      expect(stdout).toContain('report.html');
    }, 240_000);
  },
);

function rowsIn(user: Workspace): ReturnType<typeof rowsOf> {
  try {
    return rowsOf(user.runs()[0] ?? '');
  } catch {
    return [];
  }
}

function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${folder}/`))
    .reverse();
}

function answers(host: string): boolean {
  try {
    execFileSync('docker', ['-H', host, 'version'], { stdio: 'ignore', timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}

function mayStartEngine(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    execFileSync('sh', ['-c', 'command -v dockerd && command -v docker && command -v ip'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
