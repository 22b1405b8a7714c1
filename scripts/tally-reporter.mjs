// A Vitest reporter that only counts. At the end it writes {"passed", "failed"} to the file named by SEBS_TALLY_FILE;
// test.mjs prints them as the last line. A file that cannot be loaded and an error outside any test are failures too.
import { writeFileSync } from 'node:fs';

export default class TallyReporter {
  onTestRunEnd(modules, errors) {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
    }
    if (process.env.SEBS_TALLY_FILE) writeFileSync(process.env.SEBS_TALLY_FILE, JSON.stringify({ passed, failed }));
  }
}
