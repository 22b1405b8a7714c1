// Stage 4's comparisons. Comes in: the plan, and of each cell its summary and its sample of client time; goes out: cold
// penalties (methodology D34), cells against their baseline and against their own copy (D21 to D24), and the noise floor
// that claims are held against. Pure.
import type { Manifest } from '../generated/manifest.js';
import type { Cell, Plan } from '../generated/plan.js';
import type { CellSummary, ColdPenalty, Comparison, NoiseFloor, Summary } from '../generated/summary.js';
import { stableJson } from '../hash.js';
import { randomFor } from '../random.js';
import { emptySample } from './cell-samples.js';
import { changeOf, comparePairs } from './statistics/compare.js';
import { medianPenalty } from './statistics/contrast.js';
import type { EstimateOptions } from './statistics/interval.js';
import type { Sample } from './statistics/sample.js';

/** Smallest change of a median that matters (methodology D24), and the margin of equivalence (D22). */
const PRACTICAL_THRESHOLD = 0.05;

interface Cells {
  manifest: Manifest;
  summaries: ReadonlyMap<string, CellSummary>;
  clients: ReadonlyMap<string, Sample>;
}

/** @param summaries by cell. @param clients samples of client time by cell. */
export function compareCells(
  plan: Plan,
  manifest: Manifest,
  summaries: ReadonlyMap<string, CellSummary>,
  clients: ReadonlyMap<string, Sample>,
): Pick<Summary, 'penalties' | 'comparisons' | 'noise_floor'> {
  const cells = { manifest, summaries, clients };
  const copies = plan.cells.flatMap(({ id, control_of }) =>
    control_of === undefined ? [] : [{ cell: id, base: control_of }],
  );
  const controls = comparisonsOf('control', copies, cells, null);
  const noise_floor = noiseFloorOf(controls);
  const against = Object.entries(plan.baselines ?? {}).flatMap(([cell, base]) =>
    base === null || base === cell ? [] : [{ cell, base }],
  );
  const floor = noise_floor?.share ?? null;
  return {
    penalties: penaltiesOf(plan, cells, floor),
    comparisons: [...comparisonsOf('baseline', against, cells, floor), ...controls],
    noise_floor,
  };
}

/** Draws of their own for each cell, whatever else the run holds. */
export function optionsFor(manifest: Manifest, ...label: string[]): EstimateOptions {
  const { ci_level, bootstrap_resamples, seed } = manifest.preregistration;
  return { level: ci_level, resamples: bootstrap_resamples, random: randomFor(seed, 'bootstrap', ...label) };
}

function comparisonsOf(
  kind: Comparison['kind'],
  pairs: readonly { cell: string; base: string }[],
  { manifest, summaries, clients }: Cells,
  noiseFloor: number | null,
): Comparison[] {
  const rules = {
    alpha: 1 - manifest.preregistration.ci_level,
    threshold: PRACTICAL_THRESHOLD,
    noiseFloor,
  };
  const results = comparePairs(
    pairs.map(({ cell, base }) => ({
      cell: clients.get(cell) ?? emptySample(),
      base: clients.get(base) ?? emptySample(),
      options: optionsFor(manifest, kind, cell, base),
      group: base,
    })),
    rules,
  );
  return pairs.flatMap(({ cell, base }, index): Comparison[] => {
    const result = results[index];
    const [cellMedian, baseMedian] = [cell, base].map((id) => summaries.get(id)?.metrics.client_us?.p50);
    if (result === undefined || cellMedian === undefined || baseMedian === undefined) return [];
    return [
      {
        kind,
        cell,
        base,
        metric: 'client_us',
        cell_median: cellMedian,
        base_median: baseMedian,
        difference: result.difference,
        ratio: result.ratio,
        shift: result.shift,
        cliffs_delta: result.cliffsDelta,
        p: result.p,
        p_adjusted: result.pAdjusted,
        compared: pairs.length,
        group_p: result.groupP,
        threshold: PRACTICAL_THRESHOLD,
        margin: PRACTICAL_THRESHOLD,
        verdict: result.verdict,
        reason: result.reason,
        smallest_effect: result.smallestEffect,
      },
    ];
  });
}

/** What a run shows where nothing differs: the largest change between a cell and its copy. */
function noiseFloorOf(controls: readonly Comparison[]): NoiseFloor | null {
  const changes = controls.flatMap(({ ratio }) => (ratio.value === null ? [] : [changeOf(ratio.value)]));
  return changes.length === 0 ? null : { share: Math.max(...changes), controls: changes.length };
}

/** Each cold cell against the warm cell that differs only in start. */
function penaltiesOf(plan: Plan, { manifest, summaries, clients }: Cells, noiseFloor: number | null): ColdPenalty[] {
  const warm = new Map(plan.cells.filter((cell) => cell.start === 'warm').map((cell) => [besidesStart(cell), cell]));
  return plan.cells.flatMap((cold) => {
    const partner = cold.start === 'cold' ? warm.get(besidesStart(cold)) : undefined;
    if (partner === undefined) return [];
    const coldSample = clients.get(cold.id) ?? emptySample();
    const warmSample = clients.get(partner.id) ?? emptySample();
    const coldMedian = summaries.get(cold.id)?.metrics.client_us?.p50;
    const warmMedian = summaries.get(partner.id)?.metrics.client_us?.p50;
    if (coldMedian === undefined || warmMedian === undefined) return [];
    const options = optionsFor(manifest, 'penalty', cold.id, partner.id);
    const contrast = medianPenalty(coldSample, warmSample, options);
    const { value } = contrast.ratio;
    return [
      {
        cold: cold.id,
        warm: partner.id,
        metric: 'client_us',
        cold_median: coldMedian,
        warm_median: warmMedian,
        ...contrast,
        ...(noiseFloor === null || value === null ? {} : { below_noise: changeOf(value) <= noiseFloor }),
      },
    ];
  });
}

/** All that makes a cell what it is, but for its start (how cold that is included) and how often it is repeated. */
function besidesStart(cell: Cell): string {
  const {
    id: _id,
    start: _start,
    cold_level: _level,
    repetitions: _repetitions,
    deployments: _deployments,
    ...rest
  } = cell;
  return stableJson(rest);
}
