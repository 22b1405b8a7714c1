// Loaded with --import by the process that a test looks at: writes each library that sebs itself imports, also by
// import(), as a line to the file in LOADED_LIBRARIES.
import { register } from 'node:module';

const HOOK = `
import { appendFileSync } from 'node:fs';
export function resolve(specifier, context, next) {
  const ours = /[/]dist[/]/.test(context.parentURL ?? '') && !context.parentURL.includes('/node_modules/');
  if (ours && /^[@a-z]/.test(specifier) && !specifier.startsWith('node:'))
    appendFileSync(process.env.LOADED_LIBRARIES, specifier + '\\n');
  return next(specifier, context);
}`;

register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
