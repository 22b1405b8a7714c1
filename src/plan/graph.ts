// Stage 2, the task graph: order and checks over any nodes that name what they need. Pure, and free of domain words.
export interface GraphNode {
  id: string;
  needs: readonly string[];
}

/**
 * The nodes so that each comes after what it needs; nodes of equal standing keep their order.
 * Throws when a need is not there, when an id comes twice, or when the needs form a cycle (naming its nodes).
 */
export function topologicalOrder<T extends GraphNode>(nodes: readonly T[]): T[] {
  const byId = new Map<string, T>();
  for (const node of nodes) {
    if (byId.has(node.id)) throw new Error(`two nodes have the id ${node.id}`);
    byId.set(node.id, node);
  }
  const dependants = new Map<string, T[]>();
  const waiting = new Map<string, number>();
  for (const node of nodes) {
    waiting.set(node.id, new Set(node.needs).size);
    for (const need of new Set(node.needs)) {
      if (!byId.has(need)) throw new Error(`${node.id} needs ${need}, which is not there`);
      const list = dependants.get(need);
      if (list === undefined) dependants.set(need, [node]);
      else list.push(node);
    }
  }
  const order = nodes.filter((node) => node.needs.length === 0);
  for (let next = 0; next < order.length; next += 1) {
    const done = order[next] as T;
    for (const dependant of dependants.get(done.id) ?? []) {
      const left = (waiting.get(dependant.id) ?? 0) - 1;
      waiting.set(dependant.id, left);
      if (left === 0) order.push(dependant);
    }
  }
  if (order.length < nodes.length) {
    const placed = new Set(order.map((node) => node.id));
    const rest = nodes.filter((node) => !placed.has(node.id)).map((node) => node.id);
    throw new Error(`the needs of these nodes form a cycle: ${rest.slice(0, 5).join(', ')}`);
  }
  return order;
}
