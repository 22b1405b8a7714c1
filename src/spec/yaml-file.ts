// Files that users write, in YAML, with a schema: comes in a file's name, goes out its data with the schema's defaults, and
// where each part stands. The suite has more steps of its own (load.ts); benchmark.yaml needs just these.
import { SpecError } from '../errors.js';
import { withDefaults } from './defaults.js';
import { readText } from './file-text.js';
import { inOrder, type Place, toProblem } from './finding.js';
import type { SuitePath } from './resolved.js';
import { type SchemaName, schemaOf } from './schemas.js';
import { validateShape } from './validate.js';
import { parseYaml } from './yaml-document.js';

export interface LoadedYaml<T> {
  value: T;
  /** Where a path stands, or its nearest parent that is there; line and column count from 1. */
  locate(path: SuitePath): Place;
}

/** `T` is the generated type of the schema. Throws SpecError with every problem of the file. */
export async function loadYamlFile<T>(file: string, schema: SchemaName): Promise<LoadedYaml<T>> {
  const document = parseYaml(file, await readText(file));
  const findings = validateShape(document, schema);
  const problems = [
    ...document.problems,
    ...findings.map((finding) => toProblem(finding, document.locate(finding.path, finding.at))),
  ];
  if (problems.length > 0) throw new SpecError(inOrder(problems));
  return { value: withDefaults(schemaOf(schema), document.value) as T, locate: (path) => document.locate(path) };
}
