"""A scale-free graph from a seed, the same one as in graph.mjs and input.mjs."""


def draw_edges(nodes, degree, seed):
    """
    Preferential attachment: each new node is joined to `degree` others, drawn by how many edges they have.
    A. L. Barabási & R. Albert, "Emergence of Scaling in Random Networks", Science 286 (1999).
    """
    state = seed
    ends = list(range(degree))
    edges = []
    for node in range(degree, nodes):
        # A dict keeps the order of drawing, which decides what is drawn next.
        others = {}
        while len(others) < degree:
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            others[ends[state * len(ends) >> 32]] = None
        for other in others:
            edges.append((node, other))
            ends += (other, node)
    return edges


def draw_weights(count, seed):
    """Whole numbers below 2^32. The generator has its full period, so that no two are equal and the tree is unique."""
    state = seed
    weights = []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        weights.append(state)
    return weights
