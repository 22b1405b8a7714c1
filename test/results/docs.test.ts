import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Column, frameColumns } from '../../src/results/columns.js';
import { SEBS_COLUMNS } from '../../src/results/frame-sql.js';

const FORMAT = 'docs/results-format.md';

/** Without the padding that the formatter puts into tables. */
function unpadded(text: string): string {
  return text.replace(/^\|.*\|$/gm, (row) =>
    row.replace(/\s*\|\s*/g, '|').replace(/-+/g, (dashes) => (dashes.length > 2 ? '---' : dashes)),
  );
}

function table(columns: readonly Column[]): string {
  const rows = columns.map(({ name, type, unit, meaning, values }) => {
    const allowed = values === undefined ? '' : ` One of: ${values.join(', ')}.`;
    return `| \`${name}\` | ${type} | ${unit ?? ''} | ${meaning}${allowed} |`;
  });
  return ['| column | type | unit | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

/** The page with its two generated tables as the code has them. */
function withTables(page: string): string {
  const tables = { 'record and cell': table(frameColumns([], [], [])), sebs: table(SEBS_COLUMNS) };
  return Object.entries(tables).reduce(
    (text, [mark, rows]) =>
      text.replace(
        new RegExp(`<!-- columns: ${mark} -->\\n(?:\\n\\|[^\\n]*(?:\\n\\|[^\\n]*)*\\n)?`),
        () => `<!-- columns: ${mark} -->\n\n${rows}\n`,
      ),
    page,
  );
}

describe('docs/results-format.md', () => {
  test('lists every column as the code writes it (UPDATE_DOCS=1 rewrites it)', () => {
    const page = readFileSync(FORMAT, 'utf8');
    const expected = withTables(page);
    if (process.env.UPDATE_DOCS === '1') writeFileSync(FORMAT, expected);
    else expect(unpadded(page)).toBe(unpadded(expected));
    expect(expected).toContain('| `client_us` | integer | us |');
    expect(expected).toContain('| `mem_used` | number | mb |');
  });

  test('names schemas that exist', () => {
    const names = [...readFileSync(FORMAT, 'utf8').matchAll(/`(schemas\/[^`]+)`/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(4);
    expect(names.filter((name) => !existsSync(name))).toEqual([]);
  });
});

describe('docs/methodology.md', () => {
  const rows = readFileSync('docs/methodology.md', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, rule, , state, shown] = /^\|\s*(D\d+)\s*\|([^|]+)\|([^|]+)\|(.*)\|$/.exec(line) ?? [];
      return rule === undefined ? [] : [{ rule, state: state?.trim() ?? '', shown: shown ?? '' }];
    });

  test('has the state of each rule, D1 to D42, once and in order', () => {
    expect(rows.map(({ rule }) => rule)).toEqual(Array.from({ length: 42 }, (_, index) => `D${index + 1}`));
    expect(rows.filter(({ state }) => !['met', 'in part', 'later', 'n/a'].includes(state))).toEqual([]);
  });

  test('claims nothing without a test that exists', () => {
    for (const { rule, state, shown } of rows) {
      const tests = [...shown.matchAll(/`(test\/[^`]+)`/g)].map(([, name = '']) => name);
      if (state === 'met' || state === 'in part') expect(tests.length, rule).toBeGreaterThan(0);
      for (const name of tests) expect(existsSync(name), `${rule}: ${name}`).toBe(true);
    }
  });
});

test('only dataframe.ts imports DuckDB', () => {
  const importers = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && readFileSync(`src/${file}`, 'utf8').includes('@duckdb/'))
    .map((file) => file.replaceAll('\\', '/'));
  expect(importers).toEqual(['results/dataframe.ts']);
});
