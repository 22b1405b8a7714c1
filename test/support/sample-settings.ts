import type { Cell } from '../../src/generated/plan.js';

export interface SampleRunOptions {
  seed?: number;
  blocks?: number;
  /** Counted attempts per cell and block. */
  perBlock?: number;
  benchmarks?: readonly string[];
  languages?: readonly (readonly [language: string, version: string])[];
  memories?: readonly number[];
  starts?: readonly ('cold' | 'warm')[];
  /** Failures, timeouts, discarded and interrupted attempts, a failed and an incomplete cell, a resume. Default true. */
  trouble?: boolean;
  /** Markup, quotes, formulas, line breaks and other scripts in every free text. */
  hostile?: boolean;
  /** What the benchmarks measure themselves: key -> typical value. */
  measurement?: Readonly<Record<string, number>>;
}

const START = Date.UTC(2026, 1, 3, 9, 30, 0);
export const TIMEOUT_S = 3;
export const HOSTILE =
  '<script>alert("sebs")</script> & \'quoted\' {{name}} </style>\u2028\u00b5\u4e16\u754c\ud83d\ude80';
export const HOSTILE_FORMULA = '=HYPERLINK("http://127.0.0.1/","x")\n@SUM(A1:A9),;\t</script>';

/** The median of client time that the synthetic data is drawn around, in µs. */
export function trueMedianUs(cell: Pick<Cell, 'benchmark' | 'language' | 'memory_mb' | 'start'>): number {
  const work = (cell.benchmark?.startsWith('311') ? 42_000 : 3_800) * (cell.language === 'python' ? 1 : 0.8);
  const warm = work * Math.max(1, Math.sqrt(256 / (cell.memory_mb ?? 256)));
  return Math.round(cell.start === 'cold' ? warm + coldUs(cell.language) : warm) + 900;
}

export function coldUs(language: string | null): number {
  return language === 'python' ? 41_000 : 74_000;
}

export type Settings = Required<SampleRunOptions>;

export function withDefaults(options: SampleRunOptions): Settings {
  return {
    seed: 42,
    blocks: 10,
    perBlock: 6,
    benchmarks: ['110.dynamic-html', '311.compression'],
    languages: [
      ['python', '3.11'],
      ['nodejs', '20'],
    ],
    memories: [128, 256, 512],
    starts: ['cold', 'warm'],
    trouble: true,
    hostile: false,
    measurement: { compute_us: 2_500, download_us: 400, download_bytes: 20_480 },
    ...options,
  };
}

export function at(us: number): string {
  return new Date(START + Math.round(us / 1000)).toISOString();
}
