// Platform `local`, what `sebs doctor` says of it. Comes in: the engine, or why there is none, and the images that are
// there; goes out: one check each, with the next step where something is missing.
import type { Check } from '../driver.js';
import type { Engine, NoEngine } from './engine.js';
import { isEngine } from './engine.js';
import { madeFromSame, OFFERED } from './images.js';

export async function checkEngine(engine: Engine | NoEngine): Promise<Check[]> {
  // Other platforms run without it.
  if (!isEngine(engine)) return [{ name: 'Docker', state: 'warning', text: engine.problem, hint: engine.hint }];
  const { version, storageDriver, cgroupVersion, rootless } = engine;
  const how = rootless ? ', rootless' : '';
  return [
    { name: 'Docker', state: 'ok', text: `${version}, ${storageDriver}, cgroup v${cgroupVersion}${how}` },
    memoryCheck(engine),
    ...(await Promise.all(
      Object.entries(OFFERED).flatMap(([language, versions]) =>
        versions.map((version) => imageCheck(engine, language, version)),
      ),
    )),
  ];
}

function memoryCheck({ limitsMemory, limitsSwap }: Engine): Check {
  if (limitsMemory && limitsSwap) return { name: 'memory limit', state: 'ok', text: 'memory and swap are limited' };
  return {
    name: 'memory limit',
    state: 'warning',
    text: limitsMemory ? 'swap cannot be limited' : 'the engine cannot limit memory',
    hint: 'give the kernel cgroup_enable=memory swapaccount=1, or use cgroup v2',
  };
}

async function imageCheck({ client }: Engine, language: string, version: string): Promise<Check> {
  const images = await madeFromSame(language, version, client);
  const name = `${language}@${version}`;
  if (images !== undefined)
    return { name, state: 'ok', text: `images are there (${images.runtime}, ${images.source})` };
  return {
    name,
    state: 'warning',
    text: 'no images yet',
    hint: `sebs images build ${name}, or the first run makes them`,
  };
}
