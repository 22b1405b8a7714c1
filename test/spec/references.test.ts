// References to the environment: where they may stand, how they are written, and that what they refer to is there.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such texts are what this is about.
import { describe, expect, it } from 'vitest';
import { checkReferences } from '../../src/spec/references.js';
import type { Schema } from '../../src/spec/schemas.js';
import { parseYaml } from '../../src/spec/yaml-document.js';
import { BASE, load, messagesOf } from './support.js';

const schema: Schema = {
  type: 'object',
  properties: { url: { type: 'string', 'x-env': true }, name: { type: 'string' } },
};

function told(text: string, env: Record<string, string> = {}): string[] {
  const document = parseYaml('suite.yaml', text);
  return checkReferences(document, schema, env).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a reference', () => {
  it('is fine in quotes, where an address belongs, when its variable is set', () => {
    expect(told('url: "https://${HOST_NAME}/f?k=${KEY}"\n', { HOST_NAME: 'h', KEY: 'k' })).toEqual([]);
    expect(told("url: '${A}'\nname: $A and {A}\n", { A: 'x' })).toEqual([]);
  });

  it('names the variable that is not set, and every one of them', () => {
    expect(told('url: "${A}/${B}/${C}"\n', { B: 'x', C: '' })).toEqual([
      'url: the environment variable A is not set',
      'url: the environment variable C is not set',
    ]);
  });

  it('has a message of its own when it is not in quotes', () => {
    expect(told('url: ${A}\n', { A: 'x' })).toEqual(['url: a reference such as ${A} must stand in quotes']);
  });

  it('may stand nowhere else', async () => {
    const only = 'references to the environment are for addresses and secrets alone';
    expect(told('name: "${A}"\n', { A: 'x' })).toEqual([`name: \${A} may not stand here: ${only}`]);
    expect(await messagesOf(load(`${BASE}description: "\${HOME}"\n`))).toBe(
      `suite.yaml:6:14 description: \${HOME} may not stand here: ${only} (write the value itself)`,
    );
  });

  it('that is bare inside braces is told apart from other mistakes of YAML', async () => {
    expect(await messagesOf(load(`${BASE}factors: { input: \${A} }\n`))).toBe(
      'suite.yaml:6:19 a reference such as ${A} must stand in quotes (write "${A}")',
    );
  });
});
