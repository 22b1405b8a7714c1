// Stage 3, packaging: which file says what a function depends on, and what was installed in the end. Comes in: a folder
// with a function's code; goes out: the name of the file and whether it pins all there is, and the names and versions
// that the package holds. Our own layout must pin; SeBS's rarely does, so there the versions found are the only record.
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../hash.js';

/** Which code it is for. */
export interface Target {
  language: string;
  /** As it is reported, e.g. "3.11.7". */
  version: string;
  architecture: string;
  layout?: 'sebs' | undefined;
}

export interface Requirements {
  /** Name in the function's folder. */
  file: string;
  /** Whether it is a lock: every package by version and hash. */
  pinned: boolean;
}

/** The file that counts, of those that are there; undefined when there is none. */
export async function requirementsOf(target: Target, folder: string): Promise<Requirements | undefined> {
  for (const candidate of candidates(target)) if (await exists(join(folder, candidate.file))) return candidate;
  return undefined;
}

/** SHA-256 of that file; undefined when there is none, or when it locks nothing because it is a plain package.json. */
export async function lockSha256(target: Target, folder: string): Promise<string | undefined> {
  const found = await requirementsOf(target, folder);
  if (found === undefined || (!found.pinned && target.layout !== 'sebs')) return undefined;
  return sha256(await readFile(join(folder, found.file)));
}

function candidates({ language, version, architecture, layout }: Target): Requirements[] {
  const pinned = (file: string): Requirements => ({ file, pinned: true });
  const open = (file: string): Requirements => ({ file, pinned: false });
  const [major = '', minor = ''] = version.split('.');
  if (language === 'python') {
    if (layout !== 'sebs') return [pinned('requirements.lock'), pinned('requirements.txt')];
    const arm = architecture === 'arm64' ? [open(`requirements.txt.arm.${major}.${minor}`)] : [];
    return [...arm, open(`requirements.txt.${major}.${minor}`), open('requirements.txt')];
  }
  if (language !== 'nodejs') return [];
  if (layout !== 'sebs') return [pinned('package-lock.json'), open('package.json')];
  return [open(`package.json.${major}`), pinned('package-lock.json'), open('package.json')];
}

/** What a built package holds, as `name==version` or `name@version`, in order. */
export async function installedPackages(language: string, folder: string): Promise<string[]> {
  const found = language === 'python' ? await wheelsIn(join(folder, 'site-packages')) : await modulesIn(folder);
  return found.sort();
}

async function wheelsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch((): string[] => []);
  const described = entries.filter((name) => name.endsWith('.dist-info'));
  const found = await Promise.all(
    described.map(async (name) => {
      const text = await readFile(join(folder, name, 'METADATA'), 'utf8').catch(() => '');
      const [title, version] = ['Name', 'Version'].map((key) => new RegExp(`^${key}: (.+?)\r?$`, 'm').exec(text)?.[1]);
      return title === undefined || version === undefined ? [] : [`${title}==${version}`];
    }),
  );
  return found.flat();
}

/** npm notes there what it has installed, whether from a lock or not. */
async function modulesIn(folder: string): Promise<string[]> {
  const file = join(folder, 'function', 'node_modules', '.package-lock.json');
  if (!(await exists(file))) return [];
  const { packages = {} } = JSON.parse(await readFile(file, 'utf8')) as {
    packages?: Record<string, { version?: string }>;
  };
  const names = Object.entries(packages).map(([path, { version = 'unknown' }]) => {
    return `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`;
  });
  return [...new Set(names)];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
