// Stage 1, a suite in layers: the suite's file over the one it extends, over the one that extends, and the settings of the
// command line over all. Comes in a file's name; goes out one document in which every value knows the file it stands in,
// and the texts of all files.
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Problem, SpecError } from '../errors.js';
import { checkText, readText } from './file-text.js';
import { type Place, quote, toProblem } from './finding.js';
import { memberOf } from './schemas.js';
import { documentOf, parseYaml, type YamlDocument } from './yaml-document.js';
import { laidOver } from './yaml-nodes.js';

/** More than anyone reads through. */
const MOST_BASES = 16;

export interface TextFile {
  path: string;
  text: string;
}

export interface Layers {
  document: YamlDocument;
  /** First the suite itself, then what it extends. */
  files: TextFile[];
}

/** Throws SpecError for what cannot be read or parsed, at the `extends` that names it. */
export async function readLayers(file: string, given: string | undefined): Promise<Layers> {
  const text = given ?? (await readText(file));
  checkText(file, text);
  return layersOf({ path: file, text }, []);
}

async function layersOf(file: TextFile, above: readonly string[]): Promise<Layers> {
  const document = parseYaml(file.path, file.text);
  const base = memberOf(document.value, 'extends');
  if (typeof base !== 'string' || base === '') return { document, files: [file] };
  const place = document.locate(['extends']);
  const path = isAbsolute(base) ? base : join(dirname(file.path), base);
  const open = [...above, file.path];
  refuseCircle(path, open, place);
  const text = await readText(path).catch((error: unknown) => {
    throw error instanceof SpecError ? unreadable(path, error, place) : error;
  });
  const below = await layersOf({ path, text }, open);
  return { document: over(below.document, document), files: [file, ...below.files] };
}

/** One document over another, with the problems of both. */
export function over(below: YamlDocument, above: YamlDocument): YamlDocument {
  return documentOf(laidOver(below.root, above.root), [...above.problems, ...below.problems]);
}

function refuseCircle(path: string, open: readonly string[], place: Place): void {
  const index = open.findIndex((other) => resolve(other) === resolve(path));
  const circle = [...open.slice(index), path].join(' -> ');
  if (index >= 0) throw at(place, `that never ends: ${circle}`, 'a suite cannot extend itself');
  if (open.length > MOST_BASES) throw at(place, `more than ${MOST_BASES} suites extend one another`);
}

function unreadable(path: string, error: SpecError, place: Place): SpecError {
  const [first] = error.problems;
  return at(place, `${quote(path)}: ${first?.message}`, first?.hint ?? 'paths start at the file that names them');
}

function at(place: Place, message: string, hint?: string): SpecError {
  const problem: Problem = toProblem(
    { path: ['extends'], at: 'value', message, ...(hint === undefined ? {} : { hint }) },
    place,
  );
  return new SpecError([problem]);
}
