import os
import time

import igraph

from .graph import draw_edges, draw_weights


def handler(event):
    begin = time.perf_counter_ns()
    edges = draw_edges(event["nodes"], event["degree"], event["seed"])
    weights = draw_weights(len(edges), event["weight_seed"])
    graph = igraph.Graph(n=event["nodes"], edges=edges)
    generated = time.perf_counter_ns()
    tree = graph.spanning_tree(weights=weights, return_tree=False)
    computed = time.perf_counter_ns()
    return {
        "result": {
            "edges": len(edges),
            "tree_edges": len(tree),
            "tree_weight": sum(weights[edge] for edge in tree),
            "heaviest": max(weights[edge] for edge in tree),
            "checksum": sum((edges[edge][0] + 1) * (edges[edge][1] + 1) for edge in tree),
            "nonce": event["nonce"],
            "token": os.urandom(8).hex(),
        },
        "measurement": {
            "graph_generating_us": (generated - begin) // 1000,
            "compute_us": (computed - generated) // 1000,
        },
    }
