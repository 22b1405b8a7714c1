// Stage 1's other direction: a value as YAML text, for suite.resolved.yaml and for suites made on the command line.
import { stringify } from 'yaml';

/** Block style, no anchors, lines not folded: what is written reads back as the same value. */
export function yamlText(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
