import os
import time

import igraph

from .graph import draw_edges


def handler(event):
    begin = time.perf_counter_ns()
    graph = igraph.Graph(n=event["nodes"], edges=draw_edges(event["nodes"], event["degree"], event["seed"]))
    generated = time.perf_counter_ns()
    visited, starts, _parents = graph.bfs(event["from"])
    computed = time.perf_counter_ns()
    layers = [visited[start:end] for start, end in zip(starts, starts[1:])]
    return {
        "result": {
            "edges": graph.ecount(),
            "visited": len(visited),
            "layers": [len(layer) for layer in layers],
            "checksum": sum(depth * (node + 1) for depth, layer in enumerate(layers) for node in layer),
            "nonce": event["nonce"],
            "token": os.urandom(8).hex(),
        },
        "measurement": {
            "graph_generating_us": (generated - begin) // 1000,
            "compute_us": (computed - generated) // 1000,
        },
    }
