// Stage 1: what the YAML parser complains about, in words for people. Comes in a parsed document and its text, goes out
// its first error: the parser goes on after it, but what it complains about then is mostly a consequence.
import type { Document, YAMLError } from 'yaml';

export interface SyntaxProblem {
  /** Into the text. */
  offset: number;
  message: string;
  hint?: string;
}

/** undefined: the document is well-formed YAML 1.2. */
export function explainSyntax(document: Document.Parsed, text: string): SyntaxProblem | undefined {
  const first = document.errors[0];
  if (first !== undefined) return explainError(first, text);
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== '1.2')
    return syntax(0, `the file asks for YAML ${version}; it has to be YAML 1.2`, 'remove the %YAML line');
  return undefined;
}

function explainError(error: YAMLError, text: string): SyntaxProblem {
  const [offset] = error.pos;
  const bare = /^\$\{\w+\}/.exec(text.slice(Math.max(0, offset - 1)))?.[0];
  // Inside braces or brackets the { of a bare reference begins a map.
  if (bare !== undefined)
    return syntax(offset - 1, `a reference such as ${bare} must stand in quotes`, `write "${bare}"`);
  const character = text[offset] ?? '';
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return syntax(offset, 'a tab stands where the line is indented', 'YAML is indented with spaces');
    case 'MULTIPLE_DOCS':
      return syntax(offset, 'a second document begins here', 'a file holds one: remove the line with --- or ...');
    case 'RESOURCE_EXHAUSTION':
      return syntax(offset, 'nested too deeply');
    case 'BAD_SCALAR_START':
      return syntax(offset, `a text cannot begin with ${character}`, 'put it in quotes');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return syntax(offset, 'a second `key: value` on one line', "put text that contains ': ' in quotes");
    case 'BAD_INDENT':
      if (error.message.startsWith('Flow')) {
        const [open, close] = error.message.startsWith('Flow map') ? ['{', '}'] : ['[', ']'];
        return syntax(offset, `a ${open} above is still open here`, `add the ${close} that is missing`);
      }
      return syntax(offset, 'the line is not indented like the ones it belongs to', sentence(error.message));
    case 'MULTILINE_IMPLICIT_KEY':
      return syntax(offset, 'this is no `key: value`', 'is a colon missing, or a space after it?');
    default:
      return syntax(offset, `this is not valid YAML: ${sentence(error.message)}`);
  }
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replaceAll('\n', ' ');
}

function syntax(offset: number, message: string, hint?: string): SyntaxProblem {
  return { offset, message, ...(hint === undefined ? {} : { hint }) };
}
