import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topologicalOrder } from '../../src/plan/graph.js';

describe('the order of a graph', () => {
  it('puts every node after what it needs, whatever order they come in', () => {
    const graphs = fc
      .integer({ min: 1, max: 30 })
      .chain((size) =>
        fc.tuple(
          fc.array(fc.array(fc.nat(size - 1), { maxLength: 4 }), { minLength: size, maxLength: size }),
          fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
        ),
      );
    fc.assert(
      fc.property(graphs, ([needs, order]) => {
        const nodes = order.map((position) => ({
          id: `n${position}`,
          needs: (needs[position] ?? []).filter((need) => need < position).map((need) => `n${need}`),
        }));
        const placed = new Set<string>();
        for (const node of topologicalOrder(nodes)) {
          for (const need of node.needs) expect(placed.has(need)).toBe(true);
          placed.add(node.id);
        }
        expect(placed.size).toBe(nodes.length);
      }),
    );
  });

  it('keeps the order of nodes that need nothing', () => {
    const nodes = ['c', 'a', 'b'].map((id) => ({ id, needs: [] }));
    expect(topologicalOrder(nodes).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  });

  it('names the nodes of a cycle', () => {
    const nodes = [
      { id: 'a', needs: ['b'] },
      { id: 'b', needs: ['a'] },
      { id: 'c', needs: [] },
    ];
    expect(() => topologicalOrder(nodes)).toThrow('the needs of these nodes form a cycle: a, b');
  });

  it('refuses a need that is not there and an id that comes twice', () => {
    expect(() => topologicalOrder([{ id: 'a', needs: ['x'] }])).toThrow('a needs x, which is not there');
    expect(() =>
      topologicalOrder([
        { id: 'a', needs: [] },
        { id: 'a', needs: [] },
      ]),
    ).toThrow('two nodes have the id a');
  });
});
