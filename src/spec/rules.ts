// Stage 1: what a schema cannot say. Comes in a suite as it was written (even one with mistakes of shape), goes out
// findings. A rule is a function in the list below; a new part of the language adds its own. What needs the benchmarks
// themselves, not only their names, is `checkAgainstCatalogue`, asked once they are loaded.
import type { Catalogue } from '../benchmarks/catalogue.js';
import type { Problem } from '../errors.js';
import { stableJson } from '../hash.js';
import { matrixAxes } from './axes.js';
import { CELL_RULES } from './cell-rules.js';
import { type Finding, inOrder, quote, toProblem } from './finding.js';
import { MEASURING_RULES } from './measuring-rules.js';
import { listed, suggest } from './nearest.js';
import type { AxisLevels, LoadedSuite, ResolvedSuite, SuitePath } from './resolved.js';
import {
  axisSites,
  benchmarksOf,
  experimentsOf,
  type FolderOf,
  namesIn,
  platformIds,
  type WrittenName,
} from './written.js';

export interface RuleContext {
  suite: unknown;
  folderOf: FolderOf;
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
  ...MEASURING_RULES,
  ...CELL_RULES,
];

export function applyRules(context: RuleContext): Finding[] {
  return RULES.flatMap((rule) => rule(context));
}

function benchmarksHaveAnId({ suite, folderOf }: RuleContext): Finding[] {
  return benchmarksOf(suite, folderOf)
    .filter((entry) => entry.id === undefined || (entry.idPath.at(-1) === 'path' && !isId(entry.id)))
    .map(({ path, id }) =>
      id === undefined
        ? wrong(path, "the entry has neither 'id' nor 'path'", 'add `id: 010.sleep`, or the `path` of your own')
        : wrong(path, `the folder's name ${quote(id)} cannot be an id`, 'add an `id` of letters, digits and dots'),
    );
}

function isId(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text);
}

function benchmarksExist({ suite, folderOf, benchmarkIds }: RuleContext): Finding[] {
  return benchmarksOf(suite, folderOf)
    .filter(({ id, folder: own }) => id !== undefined && own === undefined && !benchmarkIds.includes(id))
    .map(({ id = '', idPath }) => {
      return wrong(idPath, `there is no benchmark ${quote(id)}`, suggest(id, benchmarkIds, 'benchmarks'));
    });
}

function ownBenchmarksAreThere({ suite, folderOf, emptyFolders }: RuleContext): Finding[] {
  return benchmarksOf(suite, folderOf)
    .filter((entry) => entry.folder !== undefined && emptyFolders.has(entry.folder))
    .map(({ path }) =>
      wrong([...path, 'path'], 'there is no benchmark.yaml in this folder', "paths start at the suite's file"),
    );
}

function benchmarksStandOnce({ suite, folderOf }: RuleContext): Finding[] {
  const seen = new Set<string>();
  return benchmarksOf(suite, folderOf).flatMap(({ id = '', idPath }) => {
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

function experimentsNameBenchmarks({ suite, folderOf, benchmarkIds, emptyFolders }: RuleContext): Finding[] {
  const entries = benchmarksOf(suite, folderOf).filter(({ id }) => id !== undefined);
  const valid = entries.map(({ id = '' }) => id);
  // A misspelt entry is no good suggestion.
  const good = entries.filter(({ id = '', folder: own }) =>
    own === undefined ? benchmarkIds.includes(id) : !emptyFolders.has(own),
  );
  const names = good.length === 0 ? benchmarkIds : good.map(({ id = '' }) => id);
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
  const findings = [...unknownLanguages(loaded.suite, catalogue), ...unknownInputs(loaded, catalogue)];
  const problems = findings.map(({ index, ...finding }) =>
    toProblem(finding, loaded.locate(index === undefined ? finding.path : [...finding.path, index])),
  );
  return inOrder(problems);
}

/** A level is shown by its axis: once resolved, a scalar and a list of one are the same. */
interface LevelFinding extends Finding {
  /** Of the level among those of the axis. */
  index?: number;
}

interface LevelSite {
  axes: AxisLevels;
  path: SuitePath;
}

function unknownLanguages(suite: ResolvedSuite, catalogue: Catalogue): LevelFinding[] {
  const known = [
    ...new Set([...catalogue.benchmarks.values()].flatMap(({ file }) => Object.keys(file.languages))),
  ].sort();
  const sites: LevelSite[] = [
    { axes: suite.axes, path: ['factors'] },
    ...suite.platforms.map(({ id, axes }) => ({ axes, path: ['platforms', id] })),
    ...suite.benchmarks.map(({ axes }, index) => ({ axes, path: ['benchmarks', index] })),
    ...suite.experiments.map(({ id, axes }) => ({ axes, path: ['experiments', id, 'factors'] })),
  ];
  return sites.flatMap(({ axes, path }) =>
    (axes.language ?? []).flatMap(({ language }, index): LevelFinding[] => {
      if (known.includes(language)) return [];
      const message = `no benchmark of this suite is written in ${quote(language)}`;
      return [{ ...wrong([...path, 'language'], message, suggest(language, known, 'languages')), index }];
    }),
  );
}

function unknownInputs({ suite, isWritten }: LoadedSuite, catalogue: Catalogue): LevelFinding[] {
  const findings = new Map<string, LevelFinding>();
  for (const { benchmark, position, site } of inputSites(suite)) {
    const valid = Object.keys(catalogue.benchmarks.get(benchmark)?.file.inputs ?? {});
    const written = isWritten([...site.path, 'input']);
    for (const [index, input] of (site.axes.input ?? []).entries()) {
      if (valid.length === 0 || valid.includes(input) || Object.hasOwn(suite.events ?? {}, input)) continue;
      const text = `the benchmark ${quote(benchmark)} has no input ${quote(input)}`;
      const finding = written
        ? { ...wrong([...site.path, 'input'], text, suggest(input, valid, 'inputs')), index }
        : wrong(['benchmarks', position], `${text}, the default`, `add an \`input\`: ${listed(valid)}`);
      findings.set(stableJson([finding.path, index, benchmark]), finding);
    }
  }
  return [...findings.values()];
}

/** For each benchmark the place whose inputs it is run with, by the precedence of the language. */
function inputSites(suite: ResolvedSuite): { benchmark: string; position: number; site: LevelSite }[] {
  return suite.experiments.flatMap((experiment) => {
    const platforms = suite.platforms.filter(({ id }) => experiment.platforms?.includes(id) ?? true);
    return suite.benchmarks.flatMap((entry, position) => {
      if (experiment.benchmarks?.includes(entry.id) === false) return [];
      return platforms.map((platform) => {
        const places: LevelSite[] = [
          { axes: experiment.axes, path: ['experiments', experiment.id, 'factors'] },
          { axes: platform.axes, path: ['platforms', platform.id] },
          { axes: entry.axes, path: ['benchmarks', position] },
        ];
        const site = places.find(({ axes }) => axes.input !== undefined) ?? { axes: suite.axes, path: ['factors'] };
        return { benchmark: entry.id, position, site };
      });
    });
  });
}

function wrong(path: SuitePath, message: string, hint: string): Finding {
  return { path, at: 'value', message, hint };
}
