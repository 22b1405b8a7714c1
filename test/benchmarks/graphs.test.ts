// The graph benchmarks, run for real in both languages. Their results are equal up to the tolerance of two solvers.
import { describeBenchmark, type Mutation } from './suite.js';

interface Ranked {
  top: { node: number; rank: number }[];
  sum: number;
  nonce: number;
}

function change(
  what: string,
  of: (result: Record<string, never>, other: unknown) => unknown,
  reason: RegExp,
): Mutation {
  return [what, of as Mutation[1], reason];
}

/** Wrong in whatever result has a nonce and a token. */
const ANY: readonly Mutation[] = [
  change('nothing', () => null, /no object/),
  change('an empty output', () => ({}), /nonce undefined/),
  change("another size's output", (_result, other) => other, /of another event/),
  change('the token of no request', (result) => ({ ...result, token: '' }), /no token/),
];

const edges = ({ event }: { event: unknown }): number => {
  const { nodes, degree } = event as { nodes: number; degree: number };
  return (nodes - degree) * degree;
};

function withoutToken(result: unknown): unknown {
  return { ...(result as object), token: '' };
}

const GRAPH = { languages: ['python', 'nodejs'], work: edges, measures: ['graph_generating_us', 'compute_us'] };

describeBenchmark({
  ...GRAPH,
  id: '501.graph-pagerank',
  comparable: (result) => {
    const { top, sum, nonce } = result as Ranked;
    return { top: top.map(({ node, rank }) => [node, rank.toFixed(9)]), sum: sum.toFixed(9), nonce };
  },
  rejected: [
    ...ANY,
    change(
      'a truncated output',
      (result: Record<string, never>) => ({ ...result, top: (result as unknown as Ranked).top.slice(1) }),
      /9 ranked nodes/,
    ),
    change(
      'a rank off by little',
      (result) => withTop(result, (entry, at) => (at === 3 ? { ...entry, rank: entry.rank + 1e-6 } : entry)),
      /has rank/,
    ),
    change(
      'a node off by one',
      (result) => withTop(result, (entry, at) => (at === 0 ? { ...entry, node: entry.node + 1 } : entry)),
      /ranked twice|has rank/,
    ),
    change(
      'a wrong order',
      (result) => ({ ...result, top: [...(result as unknown as Ranked).top].reverse() }),
      /is not the one at place 1/,
    ),
    change('a wrong sum', (result) => ({ ...result, sum: 0.999 }), /add up to/),
    change('an edge less', (result) => ({ ...result, edges: 2_899 }), /2899 edges, not 2900/),
  ],
});

function withTop(result: unknown, of: (entry: Ranked['top'][number], at: number) => unknown): unknown {
  return { ...(result as Ranked), top: (result as Ranked).top.map(of) };
}

describeBenchmark({
  ...GRAPH,
  id: '502.graph-mst',
  comparable: withoutToken,
  rejected: [
    ...ANY,
    ...['edges', 'tree_edges', 'tree_weight', 'heaviest', 'checksum'].map((name) =>
      change(
        `${name} off by one`,
        (result) => ({ ...result, [name]: Number(result[name]) + 1 }),
        new RegExp(`${name} is`),
      ),
    ),
    change('a truncated output', ({ nonce }) => ({ nonce }), /edges is undefined/),
  ],
});

describeBenchmark({
  ...GRAPH,
  id: '503.graph-bfs',
  comparable: withoutToken,
  rejected: [
    ...ANY,
    ...['edges', 'visited', 'checksum'].map((name) =>
      change(
        `${name} off by one`,
        (result) => ({ ...result, [name]: Number(result[name]) + 1 }),
        new RegExp(`${name} is`),
      ),
    ),
    change(
      'a layer less',
      (result) => ({ ...result, layers: (result.layers as unknown as number[]).slice(0, -1) }),
      /layers is/,
    ),
    change('a truncated output', ({ nonce }) => ({ nonce }), /edges is undefined/),
  ],
});
