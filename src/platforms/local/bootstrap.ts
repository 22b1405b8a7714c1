// Platform `local`, base images without a registry: a Debian from its distribution's packages, with Python, and on it
// Node.js from its npm package, laid out as the official images are. Comes in: an engine and a language; goes out: the
// base image under its name. Everything is made in a folder of its own, which is gone afterwards.
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBuildCommand } from '../../benchmarks/command.js';
import { PlatformError } from '../../errors.js';
import { PACKAGE_ROOT } from '../../package-root.js';
import { buildImage, drain, type ImageMaking, imageId } from './image-build.js';
import { IMAGE_LABEL, SOURCE_LABEL } from './tags.js';

/** Debian 12 carries this Python. */
export const BOOTSTRAPPED_PYTHON = '3.11';
/** npm 10 runs on every Node.js that is offered. */
const NPM = 'npm@10';
const DEBIAN = 'sebs-base:debian-12';
const PATH_OF_IMAGES = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Makes the base of a language, or takes what is there; returns the reference to build on. */
export async function bootstrapBase(language: string, version: string, making: ImageMaking): Promise<string> {
  if (language === 'python' && version !== BOOTSTRAPPED_PYTHON)
    throw new PlatformError(
      `a base image with Python ${version} cannot be bootstrapped: Debian 12 has ${BOOTSTRAPPED_PYTHON}`,
      {
        hint: `name one: sebs images build --language python@${version} --base IMAGE`,
      },
    );
  const debian = await debianBase(making);
  if (language === 'python') return debian;
  const name = `sebs-base:nodejs-${version}`;
  if ((await imageId(making.client, name)) !== undefined) return name;
  making.say(`bootstrapping ${name} from the npm package of Node.js ${version}`);
  return inFolder(async (folder) => {
    await nodeTree(folder, version, making);
    const labels = { [IMAGE_LABEL]: 'base', [SOURCE_LABEL]: 'bootstrap' };
    const dockerfile = join(PACKAGE_ROOT, 'docker', 'nodejs', 'base.Dockerfile');
    await buildImage(making, { name, dockerfile, base: debian, labels, folder });
    return name;
  });
}

async function debianBase(making: ImageMaking): Promise<string> {
  const { client, env, signal } = making;
  if ((await imageId(client, DEBIAN)) !== undefined) return DEBIAN;
  making.say(`bootstrapping ${DEBIAN} from distribution packages: about a minute`);
  return inFolder(async (folder) => {
    const tar = join(folder, 'base.tar');
    await runBuildCommand({
      command: join(PACKAGE_ROOT, 'docker', 'debian.sh'),
      args: [tar],
      cwd: folder,
      env,
      signal,
      hint: (output) =>
        output.includes('is installed')
          ? 'apt-get install mmdebstrap, or name an image: sebs images build --base IMAGE --language LANGUAGE'
          : undefined,
    });
    const [repo, tag] = DEBIAN.split(':');
    const changes = [`ENV PATH=${PATH_OF_IMAGES}`, `LABEL ${IMAGE_LABEL}=base ${SOURCE_LABEL}=bootstrap`];
    await drain(client, await client.importImage(createReadStream(tar), { repo, tag, changes }), `import ${DEBIAN}`);
    return DEBIAN;
  });
}

/** usr/local as the official image has it. */
async function nodeTree(folder: string, version: string, { env, signal }: ImageMaking): Promise<void> {
  const node = `node-linux-${process.arch}`;
  await runBuildCommand({
    command: 'npm',
    args: ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `${node}@${version}`, NPM],
    cwd: folder,
    env,
    signal,
    hint: () => 'npm and its registry are needed to bootstrap Node.js, or name an image with --base',
  });
  const local = join(folder, 'root', 'usr', 'local');
  await mkdir(join(local, 'bin'), { recursive: true });
  await mkdir(join(local, 'lib', 'node_modules'), { recursive: true });
  await cp(join(folder, 'node_modules', node, 'bin', 'node'), join(local, 'bin', 'node'));
  await cp(join(folder, 'node_modules', 'npm'), join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  for (const command of ['npm', 'npx'])
    await symlink(`../lib/node_modules/npm/bin/${command}-cli.js`, join(local, 'bin', command));
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sebs-images-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
