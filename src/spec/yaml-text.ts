// Small pieces of YAML: a value as text, for suite.resolved.yaml and for suites made on the command line, and a word of the
// command line as the value that YAML would read.
import { parseDocument, stringify } from 'yaml';

/** Block style, no anchors, lines not folded: what is written reads back as the same value. */
export function yamlText(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** `128` is a number, `true` a truth value; what is no scalar stays the text it was. */
export function yamlScalar(text: string): unknown {
  const document = parseDocument(text, { version: '1.2', logLevel: 'silent' });
  const value: unknown = document.errors.length > 0 ? text : document.toJS();
  return ['number', 'boolean'].includes(typeof value) ? value : text;
}
