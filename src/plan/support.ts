// Stage 2, what cannot be: holds one cell's settings against what the platform can do, what the benchmark provides and
// what this host has. Pure. Three kinds of reason, because the user does three different things about them.
import type { Benchmark } from '../benchmarks/catalogue.js';
import type { SkippedCell } from '../generated/plan.js';
import type { Capabilities } from '../platforms/driver.js';
import type { LanguageLevel } from '../spec/resolved.js';
import type { CellSettings } from './cells.js';

/** `axis`: the setting it is about, by the name that a suite writes; absent where it is the benchmark itself. */
type Objection = Pick<SkippedCell, 'because' | 'reason'> & { axis?: string };

/** What keeps a store that the suite names from being there: the platform does not offer its kind, or this host lacks it. */
export type Lacks = Partial<Record<'storage' | 'nosql', { because: 'platform' | 'host'; reason: string }>>;

/** The first reason why a cell cannot be measured, or null. */
export function objectionTo(
  settings: CellSettings,
  asked: LanguageLevel | null,
  benchmark: Benchmark | null,
  capabilities: Capabilities,
  lacks: Lacks = {},
): Objection | null {
  const language =
    asked === null || benchmark === null ? null : languageObjection(settings, asked, benchmark, capabilities);
  return (
    (language === null ? null : { ...language, axis: 'language' }) ??
    settingObjection(settings, capabilities) ??
    (benchmark === null ? null : moduleObjection(settings, benchmark, capabilities, lacks))
  );
}

function languageObjection(
  settings: CellSettings,
  asked: LanguageLevel,
  benchmark: Benchmark,
  capabilities: Capabilities,
): Objection | null {
  const { language } = asked;
  const provided = benchmark.file.languages[language];
  if (provided === undefined) {
    const carried = Object.keys(benchmark.file.languages).join(', ');
    return { because: 'benchmark', reason: `${benchmark.id} has no ${language} version (it has ${carried})` };
  }
  const offered = capabilities.languages[language];
  if (offered === undefined || offered.length === 0) {
    const missing = capabilities.missing[language];
    if (missing !== undefined) return { because: 'host', reason: missing };
    const known = Object.keys(capabilities.languages).join(', ');
    return { because: 'platform', reason: `${settings.platform} does not run ${language} (it runs ${known})` };
  }
  const version = settings.language_version;
  if (version === null) {
    const wanted = provided.versions?.join(', ');
    return {
      because: 'benchmark',
      reason: `${benchmark.id} needs ${language} ${wanted}; ${settings.platform} has ${offered.join(', ')}`,
    };
  }
  if (provided.versions !== undefined && !provided.versions.includes(version))
    return {
      because: 'benchmark',
      reason: `${benchmark.id} runs on ${language} ${provided.versions.join(', ')}, not ${version}`,
    };
  if (!offered.includes(version)) {
    const because = capabilities.sharesClientHost ? 'host' : 'platform';
    const who = capabilities.sharesClientHost ? 'this host' : settings.platform;
    return { because, reason: `${who} has ${language} ${offered.join(', ')}, not ${version}` };
  }
  return null;
}

function settingObjection(settings: CellSettings, capabilities: Capabilities): Objection | null {
  const { memory } = capabilities;
  const cannot = (axis: string, reason: string): Objection => ({
    because: 'platform',
    reason: `${settings.platform}: ${reason}`,
    axis,
  });
  if (settings.architecture !== null && !capabilities.architectures.includes(settings.architecture))
    return cannot(
      'architecture',
      `no architecture ${settings.architecture} (it has ${capabilities.architectures.join(', ')})`,
    );
  if (settings.memory_mb !== null && memory !== null) {
    if (settings.memory_mb < memory.min || settings.memory_mb > memory.max)
      return cannot('memory', `memory ${settings.memory_mb} MB is outside ${memory.min} to ${memory.max} MB`);
    if (memory.step !== undefined && (settings.memory_mb - memory.min) % memory.step !== 0)
      return cannot(
        'memory',
        `memory ${settings.memory_mb} MB is not ${memory.min} MB plus a multiple of ${memory.step} MB`,
      );
  }
  if (settings.timeout_s > capabilities.maxTimeoutS)
    return cannot(
      'timeout',
      `a timeout of ${settings.timeout_s} s is above its limit of ${capabilities.maxTimeoutS} s`,
    );
  if (settings.package !== null && !capabilities.packageKinds.includes(settings.package))
    return cannot('package', `no package kind ${settings.package} (it has ${capabilities.packageKinds.join(', ')})`);
  if (!capabilities.triggers.includes(settings.trigger))
    return cannot('trigger', `no trigger ${settings.trigger} (it has ${capabilities.triggers.join(', ')})`);
  if (settings.concurrency > capabilities.maxConcurrency)
    return cannot(
      'concurrency',
      `a concurrency of ${settings.concurrency} is above its limit of ${capabilities.maxConcurrency}`,
    );
  if ((settings.start === 'cold' || settings.start === 'burst') && !capabilities.forceColdStart)
    return cannot('starts', `${settings.start === 'cold' ? 'a cold start' : 'a burst'} cannot be forced`);
  if (settings.start === 'sequential' && settings.concurrency > 1)
    return cannot('concurrency', 'sequential sends one request at a time, so its concurrency is 1');
  if (settings.network !== undefined && !capabilities.networks?.includes(settings.network))
    return cannot('network', `no network ${settings.network} (it has ${capabilities.networks?.join(', ')})`);
  if (settings.cold_level !== undefined && !capabilities.coldLevels?.includes(settings.cold_level))
    return cannot('cold_level', `no cold level ${settings.cold_level} (it has ${capabilities.coldLevels?.join(', ')})`);
  return null;
}

const STORES = { storage: 'object storage', nosql: 'NoSQL storage' } as const;

function moduleObjection(
  settings: CellSettings,
  benchmark: Benchmark,
  capabilities: Capabilities,
  lacks: Lacks,
): Objection | null {
  for (const module of benchmark.file.modules ?? []) {
    const reason = `${benchmark.id} needs ${STORES[module]}; ${settings.platform} has none`;
    if (capabilities[module].length === 0) return { because: 'platform', reason };
    const lack = lacks[module];
    if (lack !== undefined) return { ...lack, reason: `${benchmark.id} needs ${STORES[module]}; ${lack.reason}` };
  }
  return null;
}
