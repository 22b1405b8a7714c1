// Platform `process`, what `sebs doctor` says of it. Comes in: the runtimes that were found and how memory is limited;
// goes out: one check each, with the next step where something is missing.
import { existsSync } from 'node:fs';
import type { Check } from '../driver.js';
import type { HostRuntimes } from './host.js';
import type { LimitWay } from './memory-limit.js';

const LIMITS: Readonly<Record<LimitWay, Omit<Check, 'name'>>> = {
  'cgroup-v2': { state: 'ok', text: 'memory is limited by cgroup v2' },
  'cgroup-v1': { state: 'ok', text: 'memory is limited by cgroup v1' },
  'rlimit-data': {
    state: 'warning',
    text: 'memory is limited by RLIMIT_DATA, per process and by what is reserved, not by what is used',
    hint: 'run in a session that may make cgroups, for instance `systemd-run --user --scope -p Delegate=yes`',
  },
  watchdog: {
    state: 'warning',
    text: 'memory is limited by a watchdog that looks a few times per second: short peaks pass',
    hint: 'only Linux has something better',
  },
};

export function checkHost(host: HostRuntimes, way: LimitWay): Check[] {
  const runtimes = host.found.map(
    ({ language, fullVersion, executable }): Check => ({
      name: language,
      state: 'ok',
      text: `${fullVersion} (${executable})`,
    }),
  );
  const missing = Object.entries(host.missing).map(([language, text]): Check => {
    const [what = text, hint] = text.split(': ');
    // Functions in the other languages run without it.
    return { name: language, state: 'warning', text: what, ...(hint === undefined ? {} : { hint }) };
  });
  return [...runtimes, ...missing, { name: 'memory limit', ...LIMITS[way] }, procCheck()];
}

function procCheck(): Check {
  if (existsSync('/proc/self/environ')) return { name: '/proc', state: 'ok', text: 'left-over processes can be found' };
  return {
    name: '/proc',
    state: 'warning',
    text: 'there is none: a process that a function leaves behind outside its process group cannot be found',
    hint: 'after a `kill -9` of sebs look for such processes yourself',
  };
}
