import os
import time

import igraph

from .graph import draw_edges

DAMPING = 0.85


def handler(event):
    begin = time.perf_counter_ns()
    graph = igraph.Graph(n=event["nodes"], edges=draw_edges(event["nodes"], event["degree"], event["seed"]))
    generated = time.perf_counter_ns()
    ranks = graph.pagerank(damping=DAMPING)
    computed = time.perf_counter_ns()
    top = sorted(range(len(ranks)), key=lambda node: (-ranks[node], node))[: event["top"]]
    return {
        "result": {
            "edges": graph.ecount(),
            "top": [{"node": node, "rank": ranks[node]} for node in top],
            "sum": sum(ranks),
            "nonce": event["nonce"],
            "token": os.urandom(8).hex(),
        },
        "measurement": {
            "graph_generating_us": (generated - begin) // 1000,
            "compute_us": (computed - generated) // 1000,
        },
    }
