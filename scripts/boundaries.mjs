// Who may import what. The table below is the rule; it is written into biome.json as lint errors, because Biome takes
// for each file only the last override that fits, so that every folder needs the whole list of what it may not import.
// Without an argument it writes biome.json; `--check` says whether it is up to date, a test runs that.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Library -> its one owner. Whatever else needs it asks the owner. */
export const OWNERS = {
  '@aws-sdk/client-dynamodb': 'src/storage/**',
  '@aws-sdk/util-dynamodb': 'src/storage/**',
  '@duckdb/node-api': 'src/results/dataframe.ts',
  ajv: 'src/spec/**',
  commander: 'src/cli/**',
  'csv-stringify': 'src/results/**',
  dockerode: 'src/platforms/local/**',
  dynalite: 'src/storage/**',
  'fastest-levenshtein': 'src/spec/**',
  fflate: 'src/benchmarks/**',
  handlebars: 'src/report/**',
  listr2: 'src/run/**',
  minio: 'src/storage/**',
  'pure-rand': 'src/random.ts',
  undici: 'src/invoke/**',
  vega: 'src/report/**',
  'vega-lite': 'src/report/**',
  yaml: 'src/spec/**',
};

// What starts the stages; where a rule names nothing else, none of it may be imported.
const ABOVE = ['run-suite', 'commands', 'cli'];
const DRIVERS = ['**/platforms/**', '!**/platforms/driver.js'];

/** Folder -> what it may not import, with the reason that the message gives. Later entries win where two fit. */
const RULES = [
  {
    files: ['src/**'],
    no: [],
    why: 'a library is imported by its owner alone',
  },
  {
    files: ['src/{clock,errors,hash,random,units,package-root,stop-signal}.ts'],
    no: ['./*/**'],
    why: 'what everything uses knows nothing of the stages',
  },
  {
    files: ['src/host/**'],
    no: [...folders('spec', 'plan', 'run', 'results', 'report', 'invoke', 'benchmarks', 'storage'), ...DRIVERS],
    why: 'host/ looks at this machine and knows nothing of the stages',
  },
  {
    files: ['src/spec/**'],
    no: [...folders('plan', 'run', 'results', 'report', 'invoke', 'storage'), ...DRIVERS],
    why: 'spec/ is stage 1: suites, not what becomes of them',
  },
  {
    files: ['src/cache/**'],
    no: [...folders('spec', 'plan', 'run', 'results', 'report', 'invoke', 'benchmarks', 'storage'), ...DRIVERS],
    why: 'cache/ keeps folders by their hash and does not know what is in them',
  },
  {
    files: ['src/benchmarks/**'],
    no: [...folders('plan', 'run', 'results', 'report', 'invoke'), ...DRIVERS],
    why: 'benchmarks/ makes inputs and packages and does not know who uses them',
  },
  {
    files: ['src/storage/**'],
    no: [...folders('spec', 'plan', 'run', 'results', 'report', 'invoke', 'benchmarks'), ...DRIVERS],
    why: 'storage/ is one contract and its implementations',
  },
  {
    files: ['src/plan/**', 'src/experiments/*/expand.ts'],
    no: [
      'node:*',
      ...folders('run', 'results', 'report', 'invoke', 'storage', 'host', 'cache'),
      ...DRIVERS,
      '**/spec/**',
      '!**/spec/resolved.js',
      '**/benchmarks/**',
      '!**/benchmarks/catalogue.js',
      ...experimentParts('measure', 'analyse', 'charts'),
    ],
    why: 'plan/ is pure: no I/O, no clock, of other stages only types',
  },
  {
    files: ['src/run/**', 'src/experiments/*/measure.ts'],
    no: [...folders('report'), ...DRIVERS, ...experimentParts('expand', 'analyse', 'charts')],
    why: 'run/ is given its drivers and leaves the report to stage 5',
  },
  {
    files: ['src/invoke/**'],
    no: [...folders('spec', 'plan', 'run', 'results', 'report', 'benchmarks', 'storage'), ...DRIVERS],
    why: 'invoke/ sends and times requests and knows nothing else',
  },
  {
    files: ['src/platforms/*.ts'],
    no: folders('plan', 'run', 'results', 'report', 'invoke'),
    why: 'the driver contract knows no stage that uses it',
  },
  ...platformFolders().map((platform, _, all) => ({
    files: [`src/platforms/${platform}/**`],
    no: [
      ...folders('spec', 'plan', 'run', 'results', 'report', 'invoke', 'experiments'),
      // How durations and percentages are written is one thing everywhere.
      '!**/spec/values.js',
      '**/registry.js',
      ...all.filter((other) => other !== platform).map((other) => `**/${other}/**`),
    ],
    why: 'a platform knows the driver contract, and no stage and no other platform',
  })),
  {
    files: ['src/results/**', 'src/experiments/*/analyse.ts'],
    no: [
      ...folders('spec', 'plan', 'run', 'report', 'invoke', 'platforms', 'benchmarks', 'storage'),
      ...experimentParts('expand', 'measure', 'charts'),
    ],
    why: 'results/ works from the run folder alone',
  },
  {
    files: ['src/results/dataframe.ts'],
    no: folders('spec', 'plan', 'run', 'report', 'invoke', 'platforms', 'benchmarks', 'storage'),
    why: 'results/ works from the run folder alone',
  },
  {
    files: ['src/results/statistics/**'],
    no: [
      'node:*',
      '../*.js',
      ...folders('spec', 'plan', 'run', 'report', 'invoke', 'platforms', 'benchmarks', 'storage'),
    ],
    why: 'statistics are pure functions of numbers',
  },
  {
    files: ['src/report/**', 'src/experiments/*/charts.ts'],
    no: [
      ...folders('spec', 'plan', 'run', 'invoke', 'platforms', 'benchmarks', 'storage'),
      ...experimentParts('expand', 'measure', 'analyse'),
    ],
    why: 'report/ works from the run folder alone',
  },
  { files: ['src/random.ts'], no: ['./*/**'], why: 'what everything uses knows nothing of the stages' },
  { files: ['src/commands/**'], no: [], above: ['cli'], why: 'commands return data and know nothing of the terminal' },
  { files: ['src/run-suite.ts'], no: [], above: ['commands', 'cli'], why: 'the five steps know no command' },
  { files: ['src/cli.ts', 'src/cli/**'], no: [], above: [], why: 'a library is imported by its owner alone' },
];

function folders(...names) {
  return names.map((name) => `**/${name}/**`);
}

function experimentParts(...parts) {
  return parts.map((part) => `**/${part}.js`);
}

/** Names of the platforms' folders. */
export function platformFolders() {
  return readdirSync(join(root, 'src', 'platforms'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The overrides of biome.json that hold the table, in its order. */
export function boundaryOverrides() {
  return RULES.map(({ files, no, why, above = ABOVE }) => {
    const libraries = Object.keys(OWNERS).filter((library) => !files.some((file) => owns(OWNERS[library], file)));
    const patterns = [
      {
        group: libraries.flatMap((library) => [library, `${library}/**`]),
        message: 'a library is imported by its owner alone',
      },
      { group: above.flatMap((name) => [`**/${name}/**`, `**/${name}.js`]), message: 'nothing imports upward' },
      { group: no, message: why },
    ];
    return {
      includes: files,
      linter: {
        rules: {
          style: {
            noRestrictedImports: {
              level: 'error',
              options: { patterns: patterns.filter(({ group }) => group.length > 0) },
            },
          },
        },
      },
    };
  });
}

/** Whether a rule's files are the owner's: the same pattern, or one inside it. */
function owns(owner, files) {
  return owner === files || (owner.endsWith('/**') && files.startsWith(owner.slice(0, -2)));
}

/** biome.json with the table in it, as text. Overrides that restrict no imports are other rules and stay. */
function withBoundaries(text) {
  const settings = JSON.parse(text);
  const others = settings.overrides.filter(({ linter }) => linter.rules.style?.noRestrictedImports === undefined);
  settings.overrides = [...others, ...boundaryOverrides()];
  return formatted(JSON.stringify(settings));
}

function formatted(text) {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  return execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=biome.json'], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(root, 'biome.json');
  const before = readFileSync(file, 'utf8');
  const after = withBoundaries(before);
  if (process.argv.includes('--check')) {
    if (before !== after) {
      console.error('biome.json does not hold the table of scripts/boundaries.mjs: run `npm run boundaries`');
      process.exitCode = 1;
    }
  } else writeFileSync(file, after);
}
