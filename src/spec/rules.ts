// Stage 1: what a schema cannot say. Comes in a suite as it was written (even one with mistakes of shape), goes out
// findings. A rule is a function in the list below; a new part of the language adds its own. What needs the benchmarks
// themselves, not only their names, is `checkAgainstCatalogue`, asked once they are loaded.
import type { Catalogue } from '../benchmarks/catalogue.js';
import type { Problem } from '../errors.js';
import { stableJson } from '../hash.js';
import { matrixAxes } from './axes.js';
import { type Finding, inOrder, quote, toProblem } from './finding.js';
import { suggest } from './nearest.js';
import type { AxisLevels, LoadedSuite, ResolvedSuite, SuitePath } from './resolved.js';
import { axisSites, benchmarksOf, experimentsOf, namesIn, platformIds, type WrittenName } from './written.js';

export interface RuleContext {
  suite: unknown;
  /** What relative paths are relative to. */
  folder: string;
  /** Ids of the catalogue. */
  benchmarkIds: readonly string[];
  /** Absolute folders named by the suite in which there is no benchmark.yaml. */
  emptyFolders: ReadonlySet<string>;
}

type Rule = (context: RuleContext) => Finding[];

const RULES: readonly Rule[] = [
  benchmarksHaveAnId,
  benchmarksExist,
  ownBenchmarksAreThere,
  benchmarksStandOnce,
  experimentsNamePlatforms,
  experimentsNameBenchmarks,
  levelsDiffer,
];

export function applyRules(context: RuleContext): Finding[] {
  return RULES.flatMap((rule) => rule(context));
}

function benchmarksHaveAnId({ suite, folder }: RuleContext): Finding[] {
  return benchmarksOf(suite, folder)
    .filter((entry) => entry.id === undefined || (entry.folder !== undefined && !isId(entry.id)))
    .map(({ path, id }) =>
      id === undefined
        ? wrong(path, "the entry has neither 'id' nor 'path'", 'add `id: 010.sleep`, or the `path` of your own')
        : wrong(path, `the folder's name ${quote(id)} cannot be an id`, 'add an `id` of letters, digits and dots'),
    );
}

function isId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);
}

function benchmarksExist({ suite, folder, benchmarkIds }: RuleContext): Finding[] {
  return benchmarksOf(suite, folder)
    .filter(({ id, folder: own }) => id !== undefined && own === undefined && !benchmarkIds.includes(id))
    .map(({ id = '', idPath }) => {
      return wrong(idPath, `there is no benchmark ${quote(id)}`, suggest(id, benchmarkIds, 'benchmarks'));
    });
}

function ownBenchmarksAreThere({ suite, folder, benchmarkIds, emptyFolders }: RuleContext): Finding[] {
  return benchmarksOf(suite, folder).flatMap(({ path, id = '', idPath, folder: own }) => {
    if (own === undefined) return [];
    if (emptyFolders.has(own))
      return wrong([...path, 'path'], 'there is no benchmark.yaml in this folder', "paths start at the suite's file");
    if (benchmarkIds.includes(id))
      return wrong(idPath, `the catalogue has a benchmark ${quote(id)} already`, 'add an `id` of its own');
    return [];
  });
}

function benchmarksStandOnce({ suite, folder }: RuleContext): Finding[] {
  const seen = new Set<string>();
  return benchmarksOf(suite, folder).flatMap(({ id = '', idPath }) => {
    if (id === '' || !seen.has(id)) {
      seen.add(id);
      return [];
    }
    return wrong(
      idPath,
      `the benchmark ${quote(id)} stands here a second time`,
      'write its levels as lists in one entry',
    );
  });
}

function experimentsNamePlatforms({ suite }: RuleContext): Finding[] {
  const valid = platformIds(suite);
  if (valid === undefined) return [];
  return namedBy(suite, 'platforms')
    .filter(({ name }) => !valid.includes(name))
    .map(({ name, path }) =>
      wrong(path, `the suite has no platform ${quote(name)}`, suggest(name, valid, 'platforms')),
    );
}

function experimentsNameBenchmarks({ suite, folder, benchmarkIds, emptyFolders }: RuleContext): Finding[] {
  const entries = benchmarksOf(suite, folder).filter(({ id }) => id !== undefined);
  const valid = entries.map(({ id = '' }) => id);
  // A misspelt entry is no good suggestion.
  const good = entries.filter(({ id = '', folder: own }) =>
    own === undefined ? benchmarkIds.includes(id) : !emptyFolders.has(own),
  );
  const names = good.length === 0 ? valid : good.map(({ id = '' }) => id);
  if (valid.length === 0) return [];
  return namedBy(suite, 'benchmarks')
    .filter(({ name }) => !valid.includes(name))
    .map(({ name, path }) => {
      return wrong(path, `the suite has no benchmark ${quote(name)}`, suggest(name, names, 'benchmarks'));
    });
}

function namedBy(suite: unknown, key: string): WrittenName[] {
  return experimentsOf(suite).flatMap(({ entry, path }) => namesIn(entry[key], [...path, key]));
}

/** `60s` and `1m` are one level; the same text twice is the schema's business. */
function levelsDiffer({ suite }: RuleContext): Finding[] {
  return axisSites(suite).flatMap(({ map, path }) =>
    matrixAxes().flatMap(({ name, read }) => {
      const levels = Object.hasOwn(map, name) ? map[name] : undefined;
      if (!Array.isArray(levels)) return [];
      const first = new Map<string, unknown>();
      return levels.flatMap((level: unknown, index) => {
        const value = stableJson(read(level));
        const known = first.get(value);
        if (known === undefined) first.set(value, level);
        if (known === undefined || known === level || value === undefined) return [];
        return wrong(
          [...path, name, index],
          `${quote(String(level))} is the same as ${quote(String(known))}`,
          'remove one',
        );
      });
    }),
  );
}

/** What can be known only from the benchmarks: inputs and languages that none of them has. In the order of the file. */
export function checkAgainstCatalogue(loaded: LoadedSuite, catalogue: Catalogue): Problem[] {
  const findings = [...unknownLanguages(loaded.suite, catalogue), ...unknownInputs(loaded.suite, catalogue)];
  return inOrder(
    findings.map(({ shownPath, ...finding }) =>
      toProblem({ ...finding, path: shownPath }, loaded.locate(finding.path)),
    ),
  );
}

/** The place of a level, and the path that is shown: a scalar and a list of one are the same once resolved. */
interface LevelFinding extends Finding {
  shownPath: SuitePath;
}

interface LevelSite {
  axes: AxisLevels;
  path: SuitePath;
  /** Benchmarks for which these levels hold, unless a stronger place sets the axis. */
  benchmarks: readonly string[];
}

function levelSites(suite: ResolvedSuite): LevelSite[] {
  const all = suite.benchmarks.map(({ id }) => id);
  return [
    { axes: suite.axes, path: ['factors'], benchmarks: all },
    ...suite.platforms.map(({ id, axes }): LevelSite => ({ axes, path: ['platforms', id], benchmarks: all })),
    ...suite.benchmarks.map(
      ({ id, axes }, index): LevelSite => ({ axes, path: ['benchmarks', index], benchmarks: [id] }),
    ),
    ...suite.experiments.map(({ id, axes, benchmarks }): LevelSite => {
      return { axes, path: ['experiments', id, 'factors'], benchmarks: benchmarks ?? all };
    }),
  ];
}

function unknownLanguages(suite: ResolvedSuite, catalogue: Catalogue): LevelFinding[] {
  const known = [
    ...new Set([...catalogue.benchmarks.values()].flatMap(({ file }) => Object.keys(file.languages))),
  ].sort();
  return levelSites(suite).flatMap(({ axes, path }) =>
    (axes.language ?? []).flatMap(({ language }, index) => {
      if (known.includes(language)) return [];
      const message = `no benchmark of this suite is written in ${quote(language)}`;
      return levelFinding([...path, 'language'], index, message, suggest(language, known, 'languages'));
    }),
  );
}

function unknownInputs(suite: ResolvedSuite, catalogue: Catalogue): LevelFinding[] {
  return levelSites(suite).flatMap(({ axes, path, benchmarks }) =>
    (axes.input ?? []).flatMap((input, index) => {
      for (const id of benchmarks) {
        const valid = Object.keys(catalogue.benchmarks.get(id)?.file.inputs ?? {});
        if (valid.length === 0 || valid.includes(input) || isReplaced(suite, path, id)) continue;
        const message = `the benchmark ${quote(id)} has no input ${quote(input)}`;
        return levelFinding([...path, 'input'], index, message, suggest(input, valid, 'inputs'));
      }
      return [];
    }),
  );
}

/** The suite's factors do not hold for a benchmark whose own entry sets the axis. */
function isReplaced(suite: ResolvedSuite, path: SuitePath, benchmark: string): boolean {
  if (path[0] !== 'factors') return false;
  return suite.benchmarks.some(({ id, axes }) => id === benchmark && axes.input !== undefined);
}

function levelFinding(path: SuitePath, index: number, message: string, hint: string): LevelFinding {
  return { path: [...path, index], shownPath: path, at: 'value', message, hint };
}

function wrong(path: SuitePath, message: string, hint: string): Finding {
  return { path, at: 'value', message, hint };
}
