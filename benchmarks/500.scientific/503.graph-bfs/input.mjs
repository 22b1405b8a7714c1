// 503.graph-bfs: a graph by its seed, and the check of the walk by an implementation of its own.

const NODES = { test: 300, small: 3_000, large: 30_000 };
const DEGREE = 10;

/** Walks of the graphs that were asked for: every output of an input is held against the same one. */
const known = new Map();

export function generate({ size, random }) {
  return {
    event: {
      nodes: NODES[size],
      degree: DEGREE,
      // The last node has few edges, so that the walk has several layers.
      from: NODES[size] - 1,
      seed: random.integer(0, 0x7fffffff),
      nonce: random.integer(0, 0x7fffffff),
    },
  };
}

export function validate({ event, output, tools }) {
  if (typeof output !== 'object' || output === null) return `the output is no object: ${JSON.stringify(output)}`;
  if (output.nonce !== event.nonce) return `nonce ${output.nonce} is of another event, not ${event.nonce}`;
  for (const [name, value] of Object.entries(expected(event))) {
    const [there, right] = [output[name], value].map((one) => JSON.stringify(one));
    if (there !== right) return `${name} is ${there}, not ${right}`;
  }
  if (typeof output.token !== 'string' || output.token.length < 16) return 'the output has no token of its own';
  return tools.once(output.token) ? null : `the output is one of an earlier request (token ${output.token})`;
}

function expected({ nodes, degree, seed, from }) {
  const key = `${nodes}/${degree}/${seed}/${from}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const result = walk(nodes, drawEdges(nodes, degree, seed), from);
  known.set(key, result);
  return result;
}

/** Layer by layer: which nodes are a step away from the last ones and were not met before. */
function walk(nodes, edges, from) {
  const neighbours = Array.from({ length: nodes }, () => []);
  for (const [one, other] of edges) {
    neighbours[one].push(other);
    neighbours[other].push(one);
  }
  const met = new Uint8Array(nodes);
  met[from] = 1;
  const result = { edges: edges.length, visited: 0, layers: [], checksum: 0 };
  for (let layer = [from], depth = 0; layer.length > 0; depth += 1) {
    result.visited += layer.length;
    result.layers.push(layer.length);
    const next = [];
    for (const node of layer) {
      result.checksum += depth * (node + 1);
      for (const neighbour of neighbours[node]) {
        if (met[neighbour] === 1) continue;
        met[neighbour] = 1;
        next.push(neighbour);
      }
    }
    layer = next;
  }
  return result;
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
