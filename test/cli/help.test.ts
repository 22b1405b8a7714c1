// Help as a promise: every command has an example, and the parser understands each one.
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { EXAMPLES, HELP_AFTER } from '../../src/cli/help-text.js';
import { buildProgram } from '../../src/cli/program.js';

const names = namesOf(
  buildProgram('1', async () => undefined),
  '',
);

test('every command has an example, and every text belongs to a command', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...names].sort());
  for (const [name, text] of Object.entries(EXAMPLES)) expect(text, name).toContain(`  sebs ${name}`);
});

test('the parser understands every example, and a command comes of it', async () => {
  const lines = [HELP_AFTER, ...Object.values(EXAMPLES)].flatMap((text) =>
    [...text.matchAll(/^ {2}(sebs .*?)(?: {2,}.*)?$/gm)].flatMap(([, line = '']) => line.split(' && ')),
  );
  expect(lines.length).toBeGreaterThan(names.length);
  for (const line of lines) {
    let shown = 0;
    const program = buildProgram('1', async () => {
      shown += 1;
    });
    const words = line.split(' ').slice(1);
    if (words[0] === 'help') continue;
    await program.parseAsync(words, { from: 'user' });
    expect(shown, line).toBe(1);
  }
});

function namesOf(command: Command, before: string): string[] {
  return command.commands.flatMap((below) => {
    const name = `${before}${below.name()}`;
    return [name, ...namesOf(below, `${name} `)];
  });
}
