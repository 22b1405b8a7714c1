// Stage 1, rules about how much is measured and when: numbers of a suite that must fit each other. Comes in a suite as it
// was written, goes out findings.
import type { Finding } from './finding.js';
import type { SuitePath } from './resolved.js';
import { isRecord, memberOf, noteOf, schemaOf, schemasAt } from './schemas.js';
import { experimentsOf } from './written.js';

export const MEASURING_RULES: readonly ((context: { suite: unknown }) => Finding[])[] = [
  ({ suite }) => atMostBlocks(suite, ['order', 'windows', 'count'], 'windows', 'a window needs a block'),
  ({ suite }) => atMostBlocks(suite, ['replicates', 'deployments'], 'deployments', 'a deployment needs a block'),
  repetitionsAreARange,
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
