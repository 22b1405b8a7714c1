// Stage 1, the third step: comes in a parsed document and the schema it must fit, goes out one finding for each mistake
// in its shape. The validation code is compiled from the schemas ahead of time (`npm run generate`).
import { benchmark, suite } from '../generated/validators.js';
import type { Finding } from './finding.js';
import { explain, type ShapeError } from './messages.js';
import type { SuitePath } from './resolved.js';
import { memberOf, type SchemaName, schemaOf } from './schemas.js';
import type { YamlDocument } from './yaml-document.js';

interface Validator {
  (value: unknown): boolean;
  errors?: ShapeError[] | null;
}

const VALIDATORS: Readonly<Record<SchemaName, Validator>> = {
  benchmark: benchmark as unknown as Validator,
  suite: suite as unknown as Validator,
};

export function validateShape(document: YamlDocument, name: SchemaName): Finding[] {
  const validator = VALIDATORS[name];
  if (validator(document.value)) return [];
  const subject = { schema: schemaOf(name), value: document.value, sourceOf: document.sourceOf };
  return oneForEachMistake(validator.errors ?? []).map((error) =>
    explain(error, pathOf(error.instancePath, document.value), subject),
  );
}

// The validator reports a wrong value once for each schema that speaks about it; the first of the strongest says most.
const STRENGTH = ['type', 'const', 'enum', 'required', 'additionalProperties'];

function oneForEachMistake(errors: readonly ShapeError[]): ShapeError[] {
  const kept = new Map<string, ShapeError>();
  for (const error of errors) {
    // `if` says that a branch failed, whose own errors are there; a bad name of a key comes again as `propertyNames`.
    if (error.keyword === 'if' || error.propertyName !== undefined) continue;
    const about = error.params.missingProperty ?? error.params.additionalProperty ?? error.params.propertyName ?? '';
    const mistake = JSON.stringify([error.instancePath, about]);
    const known = kept.get(mistake);
    if (known === undefined || strength(error) < strength(known)) kept.set(mistake, error);
  }
  return [...kept.values()];
}

function strength(error: ShapeError): number {
  const rank = STRENGTH.indexOf(error.keyword);
  return rank < 0 ? STRENGTH.length : rank;
}

// A JSON pointer writes list positions and keys alike; the document knows which is which.
function pathOf(pointer: string, document: unknown): SuitePath {
  const path: (string | number)[] = [];
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const part = Array.isArray(value) ? Number(key) : key;
    path.push(part);
    value = memberOf(value, part);
  }
  return path;
}
