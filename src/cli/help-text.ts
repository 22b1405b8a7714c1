// What `sebs --help` says beyond the list of commands: examples, exit codes, where to read on. Text only.

export const HELP_AFTER = `
Examples:
  sebs init && sebs run suite.yaml                       from nothing to a report
  sebs plan suite.yaml                                   look before you leap
  sebs invoke 110.dynamic-html --memory 256              one function, once
  sebs resume latest                                     after Ctrl-C, a kill or a power cut
  sebs list runs --json | jq '.[-1].report'              for programs

Results go to stdout, progress to stderr. NO_COLOR is respected.
Exit codes: 0 all good, 1 a bug of sebs, 2 suite or command line wrong, 3 some cells failed or are incomplete,
            4 a threshold or check failed, 130/143 stopped by Ctrl-C/SIGTERM after cleaning up.
Read on (in the package's folder): README.md, docs/suite-language.md, docs/results-format.md, docs/methodology.md`;

export const HELP_AFTER_INIT = `
Examples:
  sebs init                         suite.yaml in this folder
  sebs init my-study                in a new one
  sebs init benchmark resize        ./resize/ with code, inputs and a validator`;

export const HELP_AFTER_RUN = `
Ctrl-C once: running invocations finish, everything is removed, a partial report is written.
Ctrl-C twice: ends at once; sebs resume goes on, sebs resources clean removes what is left.`;
