// Stage 2, what cells are measured on: comes in the settings of one cell after the other, goes out the deployments each
// needs, and at the end all of them with the packages they are made from. Equal settings share both. Pure.
import type { Catalogue } from '../benchmarks/catalogue.js';
import type { PlannedDeployment, PlannedPackage } from '../generated/plan.js';
import { shortHash } from '../hash.js';
import type { ResolvedSuite } from '../spec/resolved.js';
import type { CellSettings } from './cells.js';

export interface Deployments {
  /** Ids, one for each replicate. Where the platform brings its own function there is one, and nothing to package. */
  of(settings: CellSettings): string[];
  /** Those of the A/A copy of the cell, which shares none with it. */
  ofCopy(settings: CellSettings): string[];
  all(): { packages: PlannedPackage[]; deployments: PlannedDeployment[] };
}

export function deploymentsFor({ replicates }: ResolvedSuite, catalogue: Catalogue): Deployments {
  const packages = new Map<string, PlannedPackage>();
  const deployments = new Map<string, PlannedDeployment>();
  const known = new Map<string, string[]>();
  const count = replicates.deployments;

  // Many cells differ in what no deployment knows: a plain text finds those before anything is hashed.
  function deploymentsOf(settings: CellSettings, first: number): string[] {
    const { platform, benchmark, language, language_version, architecture, memory_mb, timeout_s, network } = settings;
    const kind = settings.package;
    const axes = [platform, benchmark, language, language_version, architecture, kind, memory_mb, timeout_s, network];
    const name = [first, ...axes].join('\u0000');
    const made = known.get(name) ?? make(settings, first);
    known.set(name, made);
    return made;
  }

  function make(settings: CellSettings, first: number): string[] {
    const { platform, benchmark, language, language_version, architecture, memory_mb, timeout_s, network } = settings;
    const kind = settings.package;
    if (benchmark === null || language === null || language_version === null || architecture === null || kind === null)
      return [deploy({ platform, benchmark, package: null, memory_mb, timeout_s, replicate: 0 })];
    const source_sha256 = catalogue.benchmarks.get(benchmark)?.sourceSha256 ?? '';
    const content = { platform, benchmark, language, language_version, architecture, kind, source_sha256 };
    const id = `package-${shortHash(content)}`;
    if (!packages.has(id)) packages.set(id, { id, ...content });
    const placed = network === undefined ? {} : { network };
    return Array.from({ length: count }, (_, copy) =>
      deploy({ platform, benchmark, package: id, memory_mb, timeout_s, ...placed, replicate: first + copy }),
    );
  }

  function deploy(deployed: Omit<PlannedDeployment, 'id'>): string {
    const id = `deployment-${shortHash(deployed)}`;
    if (!deployments.has(id)) deployments.set(id, { id, ...deployed });
    return id;
  }

  return {
    of: (settings) => deploymentsOf(settings, 0),
    ofCopy: (settings) => deploymentsOf(settings, count),
    all: () => ({ packages: [...packages.values()], deployments: [...deployments.values()] }),
  };
}
