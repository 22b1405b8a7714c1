// How long a handler of the model takes. Comes in: the model, the memory of the function, which of its cell's requests it
// is, and the moment; goes out: µs. Every draw is keyed by the cell and the request, so that neither the order of the
// requests nor a resume changes it. docs/platforms/simulated.md has the formulas.
import { keyedRandom, type Random, standardNormal } from '../../random.js';
import type { Draw } from '../driver.js';
import type { Model } from './options.js';

/** What is drawn for a request; each has draws of its own. */
export const DRAWS = { handler: 0, network: 1, init: 2, import: 3, fault: 4 } as const;

export type RandomOf = (draw: Draw, kind: number) => Random;

/** One generator per cell, made when it is first needed. */
export function drawsOf(seed: number, platformId: string): RandomOf {
  const cells = new Map<string, ReturnType<typeof keyedRandom>>();
  return ({ cell, role, block, position, tries }, kind) => {
    let keyed = cells.get(cell);
    if (keyed === undefined) {
      keyed = keyedRandom(seed, 'simulated', platformId, cell);
      cells.set(cell, keyed);
    }
    // A counted request is the same one in whichever block it comes, and when it is tried again because it missed its
    // start: whether it does depends on the sandboxes, which a resume replaces. Only what struck it need not strike again,
    // or a batch that loses a sandbox would lose one at every try. Warm-ups are numbered within their block.
    return keyed(kind, role === 'counted' ? 0 : block + 1, position, kind === DRAWS.fault ? tries : 0);
  };
}

export type HandlerTime = (draw: Draw, memoryMb: number | null, nowUs: number) => number;

export function handlerTimeOf(model: Model, seed: number, platformId: string, randomOf: RandomOf): HandlerTime {
  const { latency } = model;
  const correlated = correlatedSeries(latency.correlation, seed, platformId);

  /** In units of the median. */
  function relative(draw: Draw): number {
    const random = randomOf(draw, DRAWS.handler);
    switch (latency.model) {
      case 'constant':
        return 1;
      case 'lognormal':
        return Math.exp(latency.spread * standardNormal(random));
      case 'bimodal':
        return (random.unit() < latency.share ? latency.ratio : 1) * Math.exp(latency.spread * standardNormal(random));
      case 'pareto':
        return (2 * (1 - random.unit())) ** (-1 / latency.tail);
      case 'ar1': {
        // A warm-up is no part of the series.
        const value = draw.role === 'counted' ? correlated(draw.cell, draw.position) : standardNormal(random);
        return Math.exp(latency.spread * value);
      }
    }
  }

  return (draw, memoryMb, nowUs) => {
    const scale = memoryFactor(model, memoryMb) * courseFactor(model, draw) * dayFactor(model, nowUs);
    return Math.max(1, Math.round(latency.medianUs * relative(draw) * scale));
  };
}

function memoryFactor({ memory }: Model, memoryMb: number | null): number {
  if (memoryMb === null) return 1;
  return Math.max(memory.floor, (memory.referenceMb / memoryMb) ** memory.exponent);
}

/** What changes in the course of a cell: drift, and a step. */
function courseFactor({ driftPerRequest, change }: Model, { role, position }: Draw): number {
  if (role === 'warmup') return 1;
  const step = change.after > 0 && position >= change.after ? change.ratio : 1;
  return Math.max(0, 1 + driftPerRequest * position) * step;
}

function dayFactor({ diurnal: { amplitude, periodUs } }: Model, nowUs: number): number {
  return amplitude === 0 ? 1 : 1 + amplitude * Math.sin((2 * Math.PI * nowUs) / periodUs);
}

/**
 * An AR(1) series of standard normal values for each cell, at any position: y(0) = z(0), y(i) = ρ y(i-1) + √(1-ρ²) z(i).
 * Positions come in order but for resumes and repeated tries; one that lies behind is computed from the beginning.
 */
function correlatedSeries(
  correlation: number,
  seed: number,
  platformId: string,
): (cell: string, position: number) => number {
  const innovation = Math.sqrt(1 - correlation * correlation);
  const reached = new Map<string, { keyed: ReturnType<typeof keyedRandom>; position: number; value: number }>();
  return (cell, position) => {
    let at = reached.get(cell);
    if (at === undefined || at.position > position) {
      const keyed = at?.keyed ?? keyedRandom(seed, 'simulated', platformId, cell, 'series');
      at = { keyed, position: 0, value: standardNormal(keyed(0)) };
      reached.set(cell, at);
    }
    while (at.position < position) {
      at.position += 1;
      at.value = correlation * at.value + innovation * standardNormal(at.keyed(at.position));
    }
    return at.value;
  };
}
