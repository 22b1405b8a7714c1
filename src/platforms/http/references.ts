// References to the environment in the entry of a platform: `${NAME}` becomes the value when a request is made, and
// nowhere else. Comes in: texts with references, and the environment; goes out: the values, and a function that puts the
// references back where a value shows up in a text that is about to be written.
import { PlatformError } from '../../errors.js';

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** Shorter values are no secrets, and taking them out would tear texts to pieces. */
const SHORTEST_SECRET = 4;

export interface References {
  /** Throws PlatformError naming the variable that is not set. */
  resolve(text: string): string;
  /** With `${NAME}` instead of each value that was resolved, also as it stands in JSON and in URLs. */
  redact(text: string): string;
}

export function createReferences(platformId: string, env: Readonly<Record<string, string | undefined>>): References {
  const secrets = new Map<string, string>();

  function remember(reference: string, value: string): void {
    const forms = [value, JSON.stringify(value).slice(1, -1), ...inUrls(value), ...partsOf(value)];
    for (const form of forms) if (form.length >= SHORTEST_SECRET) secrets.set(form, reference);
  }

  return {
    resolve: (text) =>
      text.replace(REFERENCE, (reference, name: string) => {
        const value = env[name];
        if (value === undefined || value === '')
          throw new PlatformError(`${platformId}: the environment variable ${name} is not set`, {
            hint: `the suite refers to it as "${reference}"; set it where sebs is started`,
          });
        remember(reference, value);
        return value;
      }),
    redact(text) {
      let result = text;
      // The longest first: one value may be part of another.
      for (const [secret, reference] of [...secrets].sort(([a], [b]) => b.length - a.length))
        if (result.includes(secret)) result = result.replaceAll(secret, () => reference);
      return result;
    },
  };
}

/** As it stands in an address: wholly encoded, or only where an address would otherwise break. */
function inUrls(value: string): string[] {
  return [encodeURIComponent(value), encodeURI(value), new URL(`http://host/?${value}`).search.slice(1)];
}

/** An address that is kept secret is known by its host, or by its path, too. */
function partsOf(value: string): string[] {
  if (!URL.canParse(value)) return [];
  const { host, hostname, pathname, search } = new URL(value);
  return [host, hostname, pathname, search.slice(1)];
}
