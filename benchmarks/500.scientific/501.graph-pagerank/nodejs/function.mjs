import { randomBytes } from 'node:crypto';
import Graph from 'graphology';
import pagerank from 'graphology-metrics/centrality/pagerank.js';
import { drawEdges } from './graph.mjs';

// The library stops when the ranks of one round differ by less than nodes × tolerance in all.
const SETTINGS = { alpha: 0.85, maxIterations: 1_000, getEdgeWeight: null };
const MOST_DIFFERENCE = 1e-12;

export async function handler(event) {
  const begin = performance.now();
  const graph = graphOf(event.nodes, drawEdges(event.nodes, event.degree, event.seed));
  const generated = performance.now();
  const ranks = pagerank(graph, { ...SETTINGS, tolerance: MOST_DIFFERENCE / event.nodes });
  const computed = performance.now();
  const ranked = Array.from({ length: event.nodes }, (_, node) => ({ node, rank: ranks[node] }));
  const sum = ranked.reduce((total, { rank }) => total + rank, 0);
  ranked.sort((a, b) => b.rank - a.rank || a.node - b.node);
  return {
    result: {
      edges: graph.size,
      top: ranked.slice(0, event.top),
      sum,
      nonce: event.nonce,
      token: randomBytes(8).toString('hex'),
    },
    measurement: {
      graph_generating_us: Math.round((generated - begin) * 1000),
      compute_us: Math.round((computed - generated) * 1000),
    },
  };
}

function graphOf(nodes, edges) {
  const graph = new Graph({ type: 'undirected' });
  for (let node = 0; node < nodes; node += 1) graph.addNode(node);
  for (const [from, to] of edges) graph.addUndirectedEdge(from, to);
  return graph;
}
