// Stage 5, report. A view (plain data) and the name of a template in, HTML out. The only importer of handlebars, loaded
// when the first page is written. Templates know each and if, nothing else; every text is escaped by handlebars, and
// what goes in unescaped (`{{{ }}}`) is ours: style, script, SVG from charts.ts and JSON from embeddedJson.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../package-root.js';

const TEMPLATES = join(PACKAGE_ROOT, 'templates');
const STYLES = ['report.css', 'report-tools.css', 'report-dark.css'];

/**
 * Adds `css`, `script` and `csp` to the view. The page may load nothing: its policy allows the one style and the one
 * script by their hashes, so that text which got in unescaped after all could not run.
 */
export async function page(template: string, view: object, script = ''): Promise<string> {
  const { default: handlebars } = await import('handlebars');
  const engine = handlebars.create();
  for (const file of readdirSync(join(TEMPLATES, 'partials')).sort())
    engine.registerPartial(file.replace(/\.hbs$/, ''), readFileSync(join(TEMPLATES, 'partials', file), 'utf8'));
  const css = STYLES.map((file) => readFileSync(join(TEMPLATES, file), 'utf8')).join('\n');
  const render = engine.compile(readFileSync(join(TEMPLATES, template), 'utf8'), { strict: true });
  return render({ ...view, css, script, csp: policy(css, script) });
}

/** The files of templates/scripts/ one after the other: they share their names. */
export function readScripts(...names: readonly string[]): string {
  return names.map((name) => readFileSync(join(TEMPLATES, 'scripts', `${name}.js`), 'utf8')).join('\n');
}

/** JSON that may stand inside a script element: no `<`, and no line ends that only some parsers know. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function policy(css: string, script: string): string {
  const scripts = script === '' ? "'none'" : hashSource(script);
  return `default-src 'none'; style-src ${hashSource(css)}; script-src ${scripts}; img-src data:; base-uri 'none'; form-action 'none'`;
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
