// The one list of experiments: type -> its parts by stage. The pure part is here at once, the others are loaded by the
// stage that needs them.
import type { Expansion, MeasureBlock } from './experiment.js';
import { expansion as perfCost } from './perf-cost/expand.js';

interface ExperimentParts {
  summary: string;
  expansion: Expansion;
  measure(): Promise<MeasureBlock>;
}

const EXPERIMENTS: Readonly<Record<string, ExperimentParts>> = {
  'perf-cost': {
    summary: 'latency and resources of cold and warm invocations over the axes of the suite',
    expansion: perfCost,
    measure: async () => (await import('./perf-cost/measure.js')).measureBlock,
  },
};

export function experimentTypes(): { type: string; summary: string }[] {
  return Object.entries(EXPERIMENTS).map(([type, parts]) => ({ type, summary: parts.summary }));
}

export function experimentParts(type: string): ExperimentParts {
  const parts = EXPERIMENTS[type];
  if (parts === undefined) throw new Error(`no experiment '${type}': the schema and the registry differ`);
  return parts;
}
