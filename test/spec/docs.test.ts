// docs/suite-language.md is true: its examples load, its messages are the ones that appear, its tables name every key.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { matrixAxes } from '../../src/spec/axes.js';
import { keysAllowed, schemaOf } from '../../src/spec/schemas.js';
import { load, loadWithCatalogue, messagesOf, ROOT } from './support.js';

const text = readFileSync(`${ROOT}docs/suite-language.md`, 'utf8');

function blocks(language: string): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);
}

/** The first column of the table below a heading. */
function rows(heading: string): string[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = '']) => key);
}

describe('docs/suite-language.md', () => {
  const examples = blocks('yaml');

  it('has examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });

  it.each(examples.map((example) => [/^name: (.*)$/m.exec(example)?.[1] ?? '', example]))(
    '%s loads',
    async (name, example) => {
      const { suite } = await loadWithCatalogue('docs/suite.yaml', example);
      expect(suite.name).toBe(name);
    },
  );

  it('shows messages as they are', async () => {
    const suite = `version: 1
name: docs
platforms: [process]
benchmarks: [010.sleep]
experiments: { a: { type: perf-cost } }
factors:
    memry: 128
    timeout: 60
`;
    expect(blocks('text')).toEqual([`${await messagesOf(load(suite))}\n`]);
  });

  it('names every key of the language and every axis, in its order', () => {
    expect(rows('Keys')).toEqual(keysAllowed([schemaOf('suite')]));
    expect(rows('Axes')).toEqual(matrixAxes().map(({ name }) => name));
  });
});
