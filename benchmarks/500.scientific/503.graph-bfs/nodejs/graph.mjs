// A scale-free graph from a seed, the same one as in graph.py and input.mjs.

/**
 * Preferential attachment: each new node is joined to `degree` others, drawn by how many edges they have.
 * A. L. Barabási & R. Albert, "Emergence of Scaling in Random Networks", Science 286 (1999).
 */
export function drawEdges(nodes, degree, seed) {
  let state = seed;
  const ends = Array.from({ length: degree }, (_, node) => node);
  const edges = [];
  for (let node = degree; node < nodes; node += 1) {
    // A Set keeps the order of drawing, which decides what is drawn next.
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
