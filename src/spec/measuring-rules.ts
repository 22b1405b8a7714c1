// Stage 1, rules about how much is measured and when: numbers of a suite that must fit each other. Comes in a suite as it
// was written, goes out findings.
import type { Finding } from './finding.js';
import type { SuitePath } from './resolved.js';
import { isRecord, memberOf, noteOf, schemaOf, schemasAt } from './schemas.js';
import { experimentsOf, namesIn, platformIds } from './written.js';

export const MEASURING_RULES: readonly ((context: { suite: unknown }) => Finding[])[] = [
  ({ suite }) => atMostBlocks(suite, ['order', 'windows', 'count'], 'windows', 'a window needs a block'),
  ({ suite }) => atMostBlocks(suite, ['replicates', 'deployments'], 'deployments', 'a deployment needs a block'),
  repetitionsAreARange,
  benchmarksAreThere,
];

function atMostBlocks(suite: unknown, path: SuitePath, what: string, why: string): Finding[] {
  const count = path.reduce<unknown>(memberOf, suite);
  const blocks = ['order', 'blocks'].reduce<unknown>(memberOf, suite) ?? defaultOf(['order', 'blocks']);
  if (typeof count !== 'number' || typeof blocks !== 'number' || count <= blocks) return [];
  const message = `${count} ${what} are more than the ${blocks} blocks`;
  return [{ path, at: 'value', message, hint: `${why}: raise order.blocks, or write at most ${blocks}` }];
}

function defaultOf(path: SuitePath): unknown {
  return noteOf(schemasAt(schemaOf('suite'), {}, path), 'default');
}

function repetitionsAreARange({ suite }: { suite: unknown }): Finding[] {
  return experimentsOf(suite).flatMap(({ entry, path }): Finding[] => {
    const { min, max } = isRecord(entry.repetitions) ? entry.repetitions : {};
    if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return [];
    const message = `must be at least min, which is ${min}, not ${max}`;
    return [{ path: [...path, 'repetitions', 'max'], at: 'value', message }];
  });
}

/** A suite may do without benchmarks when every experiment, or every platform it runs on, brings its own function. */
function benchmarksAreThere({ suite }: { suite: unknown }): Finding[] {
  if (!isRecord(suite) || Object.hasOwn(suite, 'benchmarks')) return [];
  const platforms = memberOf(suite, 'platforms');
  const bare = (id: string): boolean =>
    Array.isArray(platforms)
      ? !bringsFunction(['platforms', id], { platforms: { [id]: { type: id } } })
      : !bringsFunction(['platforms', id], suite);
  const ids = platformIds(suite) ?? [];
  const experiments = experimentsOf(suite);
  const needs = experiments.some(({ entry, path }) => {
    const own = namesIn(entry.platforms, path).map(({ name }) => name);
    return !bringsFunction(path, suite) && (own.length === 0 ? ids : own).some(bare);
  });
  const hint = 'add `benchmarks: [010.sleep]`';
  return needs || experiments.length === 0
    ? [{ path: [], at: 'key', message: "the key 'benchmarks' is missing", hint }]
    : [];
}

function bringsFunction(path: SuitePath, suite: unknown): boolean {
  return noteOf(schemasAt(schemaOf('suite'), suite, path), 'x-brings-function') === true;
}
