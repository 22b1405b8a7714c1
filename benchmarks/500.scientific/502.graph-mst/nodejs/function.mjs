import { randomBytes } from 'node:crypto';
import createGraph from 'ngraph.graph';
import kruskal from 'ngraph.kruskal';
import { drawEdges, drawWeights } from './graph.mjs';

export async function handler(event) {
  const begin = performance.now();
  const edges = drawEdges(event.nodes, event.degree, event.seed);
  const weights = drawWeights(edges.length, event.weight_seed);
  const graph = createGraph();
  for (const [index, [from, to]] of edges.entries()) graph.addLink(from, to, weights[index]);
  const generated = performance.now();
  const tree = kruskal(graph, (link) => link.data);
  const computed = performance.now();
  return {
    result: {
      edges: edges.length,
      ...summaryOf(tree, graph),
      nonce: event.nonce,
      token: randomBytes(8).toString('hex'),
    },
    measurement: {
      graph_generating_us: Math.round((generated - begin) * 1000),
      compute_us: Math.round((computed - generated) * 1000),
    },
  };
}

/** What only this tree has: its weight, its heaviest edge, and a sum over the ends of its edges. */
function summaryOf(tree, graph) {
  const weights = tree.map(({ fromId, toId }) => graph.getLink(fromId, toId).data);
  return {
    tree_edges: tree.length,
    tree_weight: weights.reduce((sum, weight) => sum + weight, 0),
    heaviest: weights.reduce((most, weight) => Math.max(most, weight), 0),
    checksum: tree.reduce((sum, { fromId, toId }) => sum + (fromId + 1) * (toId + 1), 0),
  };
}
