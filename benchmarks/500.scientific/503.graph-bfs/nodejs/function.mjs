import { randomBytes } from 'node:crypto';
import Graph from 'graphology';
import { bfsFromNode } from 'graphology-traversal';
import { drawEdges } from './graph.mjs';

export async function handler(event) {
  const begin = performance.now();
  const graph = graphOf(event.nodes, drawEdges(event.nodes, event.degree, event.seed));
  const generated = performance.now();
  const order = [];
  bfsFromNode(graph, event.from, (node, _attributes, depth) => {
    order.push({ node: Number(node), depth });
  });
  const computed = performance.now();
  const layers = [];
  for (const { depth } of order) layers[depth] = (layers[depth] ?? 0) + 1;
  return {
    result: {
      edges: graph.size,
      visited: order.length,
      layers,
      checksum: order.reduce((sum, { node, depth }) => sum + depth * (node + 1), 0),
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
