// Stage 1, rules about maps that say which cells are meant (`exclude`, the baseline): their keys are axes, of the matrix or
// of an experiment or platform of this suite, and their ids are ids of this suite. Comes in a suite as it was written.
import { axisNames } from './axes.js';
import { type Finding, quote } from './finding.js';
import { suggest } from './nearest.js';
import type { SuitePath } from './resolved.js';
import { applying, isRecord, memberOf, memberSchemas, noteOf, type Schema, schemaOf } from './schemas.js';
import { asNames, benchmarksOf, cellSites, experimentsOf, type FolderOf, platformIds } from './written.js';

export interface CellRuleContext {
  suite: unknown;
  folderOf: FolderOf;
}

export const CELL_RULES: readonly ((context: CellRuleContext) => Finding[])[] = [axesAreKnown, idsAreOfThisSuite];

const IDS = ['experiment', 'platform', 'benchmark'] as const;

/** What the cells of a suite can be told apart by, as it is written. */
export function cellAxes(suite: unknown): string[] {
  return [...new Set([...IDS, ...axisNames(), 'starts', ...ownAxes(suite)])];
}

/** Axes that the schemas of this suite's platforms and experiments add. */
function ownAxes(suite: unknown): string[] {
  return ['platforms', 'experiments'].flatMap((part) => {
    const entries = memberOf(suite, part);
    return Object.values(isRecord(entries) ? entries : {}).flatMap((entry) => axesOf(schemasOf(part, entry)));
  });
}

function schemasOf(part: string, entry: unknown): Schema[] {
  return memberSchemas(memberSchemas([schemaOf('suite')], part), '').flatMap((schema) => applying(schema, entry));
}

function axesOf(schemas: readonly Schema[]): string[] {
  const keys = schemas.flatMap((schema) => Object.keys(schema.properties ?? {}));
  return keys.filter((key) => noteOf(memberSchemas(schemas, key), 'x-axis') === true);
}

function axesAreKnown({ suite }: CellRuleContext): Finding[] {
  const sites = cellSites(suite);
  if (sites.length === 0) return [];
  const valid = cellAxes(suite);
  return sites.flatMap(({ map, path }) =>
    Object.keys(map)
      .filter((key) => !valid.includes(key))
      .map((key) => wrong([...path, key], 'key', 'no cell has such an axis', suggest(key, valid, 'axes'))),
  );
}

function idsAreOfThisSuite({ suite, folderOf }: CellRuleContext): Finding[] {
  const known: Readonly<Record<(typeof IDS)[number], readonly string[] | undefined>> = {
    experiment: experimentsOf(suite).map(({ id }) => id),
    platform: platformIds(suite),
    benchmark: benchmarksOf(suite, folderOf).flatMap(({ id }) => id ?? []),
  };
  return cellSites(suite).flatMap(({ map, path }) =>
    IDS.flatMap((axis) => {
      const valid = known[axis];
      if (valid === undefined) return [];
      return asNames(map[axis], [...path, axis])
        .filter(({ name }) => !valid.includes(name))
        .map((named) =>
          wrong(
            named.path,
            'value',
            `the suite has no ${axis} ${quote(named.name)}`,
            suggest(named.name, valid, `${axis}s`),
          ),
        );
    }),
  );
}

function wrong(path: SuitePath, at: Finding['at'], message: string, hint: string): Finding {
  return { path, at, message, hint };
}
