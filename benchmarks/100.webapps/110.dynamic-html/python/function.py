import os
from datetime import datetime, timezone

from jinja2 import Environment, FileSystemLoader

# Compiled at import, as a web application does: it belongs to the cold start, not to every request.
TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
PAGE = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, keep_trailing_newline=True).get_template("page.html")


def handler(event):
    page = PAGE.render(
        username=event["username"],
        rendered_at=datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        token=os.urandom(8).hex(),
        nonce=event["nonce"],
        numbers=draw_numbers(event["seed"], event["count"]),
    )
    return {"result": page}


def draw_numbers(seed, count):
    """The numbers of the page: a linear congruential generator modulo 2^32, the same one as in input.mjs."""
    numbers = []
    state = seed
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        numbers.append(state % 1_000_000)
    return numbers
