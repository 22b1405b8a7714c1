// Stage 1, settings of the command line: `--set factors.memory=[128]` puts a value of YAML at a path of the suite, over
// what its files say. Comes in a document and the settings; goes out the document that they come to. Messages about such a
// value name the setting in place of a file.
import { SpecError } from '../errors.js';
import { formatPath, type Place, toProblem } from './finding.js';
import type { SuitePath } from './resolved.js';
import { documentOf, parseYaml, type YamlDocument } from './yaml-document.js';
import { withValueAt } from './yaml-nodes.js';

/** Where a setting stands, for messages. */
export function nameOfSetting(setting: string): string {
  return `--set ${setting}`;
}

export function withSettings(document: YamlDocument, settings: readonly string[]): YamlDocument {
  return settings.reduce(withSetting, document);
}

function withSetting(document: YamlDocument, setting: string): YamlDocument {
  const file = nameOfSetting(setting);
  const place: Place = { file, line: 1, column: 1 };
  const { path, start } = pathOf(setting) ?? refuse(place, [], 'this is no PATH=VALUE', EXAMPLE);
  // As many blanks as the path has letters: columns then count from the beginning of the setting.
  const value = parseYaml(file, ' '.repeat(start) + setting.slice(start));
  const root = withValueAt(document.root, path, value.root);
  if (typeof root === 'number') {
    const reached = path.slice(0, root);
    const what = `${formatPath(reached) || 'the suite'} has no ${typeof path[root] === 'number' ? 'entry' : 'key'} of that name: it is ${kindOf(document, reached)}`;
    return refuse(place, path, what, 'write the whole of it as a value');
  }
  return documentOf(root, [...document.problems, ...value.problems]);
}

const EXAMPLE = "such as 'factors.memory=[128, 256]'";
const PART = /\.?(?:(?<key>[A-Za-z0-9_-]+)|"(?<quoted>[^"]+)"|\[(?<index>[0-9]+)\])/y;

/** The path before the first '=', and where the value begins. A key with a dot in it is put in double quotes. */
function pathOf(setting: string): { path: SuitePath; start: number } | undefined {
  const path: (string | number)[] = [];
  PART.lastIndex = 0;
  while (setting[PART.lastIndex] !== '=') {
    const { key, quoted, index } = PART.exec(setting)?.groups ?? {};
    const part = key ?? quoted ?? (index === undefined ? undefined : Number(index));
    if (part === undefined) return undefined;
    path.push(part);
    if (PART.lastIndex >= setting.length) return undefined;
  }
  return path.length === 0 ? undefined : { path, start: PART.lastIndex + 1 };
}

function kindOf(document: YamlDocument, path: SuitePath): string {
  const value = path.reduce<unknown>(
    (inner, part) => (inner as Record<string | number, unknown>)[part],
    document.value,
  );
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value !== null && typeof value === 'object' ? 'a map' : `the value '${String(value)}'`;
}

function refuse(place: Place, path: SuitePath, message: string, hint: string): never {
  throw new SpecError([toProblem({ path, at: 'value', message, hint }, place)]);
}
