// 502.graph-mst: a graph with weights by its seeds, and the check of its spanning tree by an implementation of its own.

const NODES = { test: 300, small: 3_000, large: 30_000 };
const DEGREE = 10;

/** Trees of the graphs that were asked for: every output of an input is held against the same one. */
const known = new Map();

export function generate({ size, random }) {
  return {
    event: {
      nodes: NODES[size],
      degree: DEGREE,
      seed: random.integer(0, 0x7fffffff),
      weight_seed: random.integer(0, 0x7fffffff),
      nonce: random.integer(0, 0x7fffffff),
    },
  };
}

export function validate({ event, output, tools }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  if (output.nonce !== event.nonce) return `nonce ${output.nonce} is of another event, not ${event.nonce}`;
  for (const [name, value] of Object.entries(expected(event)))
    if (output[name] !== value) return `${name} is ${output[name]}, not ${value}`;
  if (typeof output.token !== 'string' || output.token.length < 16) return 'the output has no token of its own';
  return tools.once(output.token) ? null : `the output is one of an earlier request (token ${output.token})`;
}

function expected({ nodes, degree, seed, weight_seed }) {
  const key = `${nodes}/${degree}/${seed}/${weight_seed}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const result = treeOf(nodes, drawEdges(nodes, degree, seed), drawWeights, weight_seed);
  known.set(key, result);
  return result;
}

/** Prim's algorithm with a binary heap of [weight, edge] packed into one number; the functions use Kruskal's or Prim's. */
function treeOf(nodes, edges, draw, weightSeed) {
  const weights = draw(edges.length, weightSeed);
  const edgesOf = Array.from({ length: nodes }, () => []);
  for (const [index, [from, to]] of edges.entries()) {
    edgesOf[from].push(index);
    edgesOf[to].push(index);
  }
  const inTree = new Uint8Array(nodes);
  const heap = [];
  const result = { edges: edges.length, tree_edges: 0, tree_weight: 0, heaviest: 0, checksum: 0 };
  const enter = (node) => {
    inTree[node] = 1;
    for (const edge of edgesOf[node]) push(heap, weights, edge);
  };
  enter(0);
  while (heap.length > 0) {
    const edge = pop(heap, weights);
    const [from, to] = edges[edge];
    if (inTree[from] === 1 && inTree[to] === 1) continue;
    result.tree_edges += 1;
    result.tree_weight += weights[edge];
    result.heaviest = Math.max(result.heaviest, weights[edge]);
    result.checksum += (from + 1) * (to + 1);
    enter(inTree[from] === 1 ? to : from);
  }
  return result;
}

function push(heap, weights, edge) {
  let at = heap.push(edge) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (weights[heap[parent]] <= weights[edge]) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = edge;
}

function pop(heap, weights) {
  const least = heap[0];
  const last = heap.pop();
  if (heap.length === 0) return least;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && weights[heap[child + 1]] < weights[heap[child]]) child += 1;
    if (weights[heap[child]] >= weights[last]) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return least;
}

/** The same draws as in the functions. */
function drawWeights(count, seed) {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  });
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
