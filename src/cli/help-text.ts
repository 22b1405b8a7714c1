// What help says beyond the lists of commands and options: examples, exit codes, environment, where to read on. Text only;
// a test holds that every command has an example and that each example is understood by the parser.

export const HELP_AFTER = `
Examples:
  sebs init && sebs run suite.yaml             from nothing to a report
  sebs plan suite.yaml                         look before you leap
  sebs invoke 110.dynamic-html --memory 256    one function, once
  sebs resume latest                           after Ctrl-C, a kill or a power cut
  sebs help run                                one command, with examples

Exit codes:
  0         all good
  1         a bug of sebs
  2         the suite or the command line is wrong
  3         some cells failed or are incomplete
  4         a threshold or a check failed
  130, 143  stopped by Ctrl-C, SIGTERM, after cleaning up

Environment:
  NO_COLOR, CI     no colours; no moving progress
  XDG_CACHE_HOME   the cache is in its folder sebs (default: ~/.cache)
  TMPDIR           scratch files and the measuring lock
  SEBS_DEBUG       1: like --debug

Results go to stdout, progress and errors to stderr.
Read on (in the package's folder): README.md, docs/suite-language.md, docs/results-format.md, docs/methodology.md`;

/** By command, as it is typed after \`sebs\`. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  init: `
Examples:
  sebs init                       suite.yaml in this folder
  sebs init my-study              in a new one
  sebs init benchmark resize      ./resize/ with code, inputs and a validator`,
  'init benchmark': `
Example:
  sebs init benchmark resize      then: sebs invoke ./resize`,
  list: `
Examples:
  sebs list benchmarks
  sebs list runs --json           for programs: jq '.[-1].report'`,
  doctor: `
Examples:
  sebs doctor
  sebs doctor --platform process

Exit code 4 when sebs lacks something, or no platform that was looked at can be used.`,
  validate: `
Example:
  sebs validate suites/a.yaml suites/b.yaml`,
  plan: `
Examples:
  sebs plan suite.yaml
  sebs plan suite.yaml --json     for programs: jq '.cells | length'`,
  run: `
Examples:
  sebs run suite.yaml
  sebs run suite.yaml --out /data/reports --quiet
  sebs run suite.yaml --json --quiet                     one event a line, for programs
  sebs run suite.yaml --junit results.xml --github       in continuous integration

Ctrl-C once: running invocations finish, everything is removed, a partial report is written.
Ctrl-C twice: ends at once; sebs resume goes on, sebs resources clean removes what is left.`,
  resume: `
Examples:
  sebs resume latest
  sebs resume 20260203T0930       the beginning of an id is enough`,
  invoke: `
Examples:
  sebs invoke 110.dynamic-html
  sebs invoke ./my-function --language nodejs --memory 256 --repetitions 5
  sebs invoke 010.sleep --json                    for programs: jq '.invocations[0].output'

Prints what the function answered and how long it took. Exit code 3 when a call failed.`,
  package: `
Examples:
  sebs package 110.dynamic-html --language python --language nodejs
  sebs package suite.yaml

Builds what a run would build, into the cache. Exit code 3 when one cannot be built.`,
  regression: `
Examples:
  sebs regression
  sebs regression --platform process,local --junit results.xml
  sebs regression --benchmark 110.dynamic-html,./my-function --language python --size small

Prints a verdict per cell; exit code 3 when an answer was wrong or a package was not built.`,
  process: `
Example:
  sebs process latest --offline`,
  report: `
Example:
  sebs report latest`,
  statistics: `
Examples:
  sebs statistics latest
  sebs statistics latest --filter memory=128,256 --filter starts=cold --sort p95 --reverse
  sebs statistics latest --metric benchmark_us --csv`,
  verify: `
Example:
  sebs verify latest

Exit code 4 when a file differs from its seal.`,
  images: `
Examples:
  sebs images build
  sebs images list`,
  'images build': `
Examples:
  sebs images build                                       all, on an official base, or one that is bootstrapped
  sebs images build python@3.11 --base bootstrap
  sebs images build nodejs@20 --base my-node:20`,
  'images list': `
Example:
  sebs images list`,
  'images prune': `
Examples:
  sebs images prune
  sebs images prune --all`,
  local: `
Examples:
  sebs local start 110.dynamic-html
  sebs local stop`,
  'local start': `
Examples:
  sebs local start 110.dynamic-html --language nodejs@22 --memory 256 --instances 2
  sebs local start ./my-function --sample-every 10`,
  'local stop': `
Examples:
  sebs local stop         all
  sebs local stop 110     one, by a part of its id`,
  cache: `
Examples:
  sebs cache list
  sebs cache prune`,
  'cache list': `
Example:
  sebs cache list`,
  'cache prune': `
Examples:
  sebs cache prune --older-than 7
  sebs cache prune --all`,
  resources: `
Examples:
  sebs resources list
  sebs resources clean`,
  'resources list': `
Example:
  sebs resources list latest`,
  'resources clean': `
Examples:
  sebs resources clean latest     of one run
  sebs resources clean            of all that are not running`,
  storage: `
Examples:
  sebs storage start
  sebs storage stop`,
  'storage start': `
Examples:
  sebs storage start minio --port 9000
  sebs storage start dynamodb

Keys and address are written to a file for your shell, in $XDG_STATE_HOME/sebs/storage or ~/.local/state/sebs/storage.`,
  'storage stop': `
Examples:
  sebs storage stop minio
  sebs storage stop --data        with everything that is stored`,
};
