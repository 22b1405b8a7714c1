// 501.graph-pagerank: a graph by its seed, and the check of the ranks by an implementation of its own.

const NODES = { test: 300, small: 3_000, large: 30_000 };
const DEGREE = 10;
const TOP = 10;
const DAMPING = 0.85;

/** Two solvers, each exact to about 1e-12. */
const TOLERANCE = 1e-9;

/** Ranks of the graphs that were asked for, by size and seed: every output of an input is held against the same ones. */
const known = new Map();

export function generate({ size, random }) {
  return {
    event: {
      nodes: NODES[size],
      degree: DEGREE,
      top: TOP,
      seed: random.integer(0, 0x7fffffff),
      nonce: random.integer(0, 0x7fffffff),
    },
  };
}

export function validate({ event, output, tools }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  if (output.nonce !== event.nonce) return `nonce ${output.nonce} is of another event, not ${event.nonce}`;
  const { edges, ranks } = expected(event);
  if (output.edges !== edges) return `the graph has ${output.edges} edges, not ${edges}`;
  if (!(Math.abs(output.sum - 1) <= TOLERANCE)) return `the ranks add up to ${output.sum}, not to 1`;
  const fault = faultOf(output.top, ranks, event.top);
  if (fault !== null) return fault;
  if (typeof output.token !== 'string' || output.token.length < 16) return 'the output has no token of its own';
  return tools.once(output.token) ? null : `the output is one of an earlier request (token ${output.token})`;
}

/** The nodes with the highest ranks, in order; nodes whose ranks are equal to within the tolerance may change places. */
function faultOf(top, ranks, length) {
  if (!Array.isArray(top) || top.length !== length) return `the output has ${top?.length} ranked nodes, not ${length}`;
  if (new Set(top.map((entry) => entry?.node)).size !== length) return 'a node is ranked twice';
  const best = Float64Array.from(ranks).sort().reverse();
  for (const [place, entry] of top.entries()) {
    const rank = ranks[entry?.node];
    if (rank === undefined) return `there is no node ${entry?.node}`;
    if (!(Math.abs(entry.rank - rank) <= TOLERANCE)) return `node ${entry.node} has rank ${entry.rank}, not ${rank}`;
    if (!(Math.abs(rank - best[place]) <= TOLERANCE)) return `node ${entry.node} is not the one at place ${place + 1}`;
  }
  return null;
}

function expected({ nodes, degree, seed }) {
  const key = `${nodes}/${degree}/${seed}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const edges = drawEdges(nodes, degree, seed);
  const result = { edges: edges.length, ranks: ranksOf(nodes, edges) };
  known.set(key, result);
  return result;
}

/** Power iteration until nothing moves by more than 1e-14. */
function ranksOf(nodes, edges) {
  const degrees = new Float64Array(nodes);
  for (const [from, to] of edges) {
    degrees[from] += 1;
    degrees[to] += 1;
  }
  let ranks = new Float64Array(nodes).fill(1 / nodes);
  for (let round = 0; round < 1_000; round += 1) {
    const next = new Float64Array(nodes).fill((1 - DAMPING) / nodes);
    for (const [from, to] of edges) {
      next[from] += (DAMPING * ranks[to]) / degrees[to];
      next[to] += (DAMPING * ranks[from]) / degrees[from];
    }
    const moved = next.reduce((most, rank, node) => Math.max(most, Math.abs(rank - ranks[node])), 0);
    ranks = next;
    if (moved < 1e-14) break;
  }
  return ranks;
}

/** Preferential attachment, the same as in the functions. */
function drawEdges(nodes, degree, seed) {
  let state = seed;
  const ends = Array.from({ length: degree }, (_, node) => node);
  const edges = [];
  for (let node = degree; node < nodes; node += 1) {
    const others = new Set();
    while (others.size < degree) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      others.add(ends[Math.floor((state * ends.length) / 0x1_0000_0000)]);
    }
    for (const other of others) {
      edges.push([node, other]);
      ends.push(other, node);
    }
  }
  return edges;
}
