// Stage 1, references to the environment: `"${NAME}"` may stand only where an address or a secret belongs, which the
// schema marks with `x-env`; it is kept as it is, and what it refers to must be there. Comes in a document; goes out
// findings.
import type { Finding } from './finding.js';
import type { SuitePath } from './resolved.js';
import { noteOf, type Schema, schemasAt } from './schemas.js';
import type { YamlDocument } from './yaml-document.js';

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

type Environment = Readonly<Record<string, string | undefined>>;

export function checkReferences(document: YamlDocument, schema: Schema, env: Environment): Finding[] {
  return textsWithReference(document.value).flatMap(({ path, text }): Finding[] => {
    const [first = ''] = text.match(REFERENCE) ?? [];
    const finding = (message: string, hint: string): Finding => ({ path, at: 'value', message, hint });
    if (document.isBare(path)) return [finding(`a reference such as ${first} must stand in quotes`, `write "${text}"`)];
    if (noteOf(schemasAt(schema, document.value, path), 'x-env') !== true)
      return [
        finding(
          `${first} may not stand here: references to the environment are for addresses and secrets alone`,
          'write the value itself',
        ),
      ];
    return [...text.matchAll(REFERENCE)].flatMap(([, name = '']) =>
      (env[name] ?? '') === ''
        ? [finding(`the environment variable ${name} is not set`, `set it: export ${name}=...`)]
        : [],
    );
  });
}

function textsWithReference(document: unknown): { path: SuitePath; text: string }[] {
  const found: { path: SuitePath; text: string }[] = [];
  const path: (string | number)[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'string' && value.search(REFERENCE) >= 0) found.push({ path: [...path], text: value });
    if (value === null || typeof value !== 'object') return;
    const within = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [part, member] of within) {
      path.push(part);
      visit(member);
      path.pop();
    }
  };
  visit(document);
  return found;
}
