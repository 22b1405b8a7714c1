"""Runs `input.py` of a benchmark that is laid out as SeBS lays it out, for `sebs` beside it.

Started as `python3 input_host.py <folder of the benchmark>`. Comes in: one JSON object a line on standard input; goes
out: one a line on file descriptor 3 (standard output belongs to input.py and is shown as its log).

    {"do": "generate", size, seed, data_dir, bucket, input, output}  ->  {"event", "uploads": [{key, path}], "items": […]}
    {"do": "validate", event, output, language, data_dir}            ->  {"verdict": null or a reason}

While it validates it may ask for an object, `{"ask": "download", key, path}`, and waits for a line that says it is there.
Whatever input.py raises comes back as {"error"}. It ends when its standard input does.
"""

import importlib.util
import json
import os
import random
import sys
import traceback

FOLDER = sys.argv[1]
ANSWERS = os.fdopen(3, "w", buffering=1)
sys.stdout = sys.stderr


def answer(value):
    ANSWERS.write(json.dumps(value) + "\n")


def load_input():
    sys.path.insert(0, FOLDER)
    spec = importlib.util.spec_from_file_location("input", os.path.join(FOLDER, "input.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generate(module, request):
    """The event, and what input.py wants to be stored before the first request."""
    random.seed(request["seed"])
    uploads, items = [], []
    inputs, outputs = module.buckets_count() if hasattr(module, "buckets_count") else (0, 0)

    def upload(index, key, path):
        uploads.append({"key": f"{index}/{key}", "path": os.path.abspath(path)})

    def insert(_benchmark, table, data, primary, secondary=None):
        items.append({"table": table, "data": data, "primary": primary, "secondary": secondary})

    event = module.generate_input(
        request["data_dir"],
        request["size"],
        request["bucket"],
        [f"{request['input']}/{index}" for index in range(inputs)],
        [f"{request['output']}/{index}" for index in range(outputs)],
        upload,
        insert,
    )
    return {"event": event, "uploads": uploads, "items": items}


class Storage:
    """What validators use of SeBS's storage: objects of the run's bucket, fetched by `sebs`."""

    def download(self, _bucket, key, path):
        answer({"ask": "download", "key": key, "path": os.path.abspath(path)})
        reply = json.loads(sys.stdin.readline() or '{"error": "sebs has ended"}')
        if "error" in reply:
            raise RuntimeError(reply["error"])


def validate(module, request):
    if not hasattr(module, "validate_output"):
        return {"verdict": None}
    arguments = (request["data_dir"], request["event"], request["output"], request["language"])
    return {"verdict": module.validate_output(*arguments, Storage())}


def serve():
    module = None
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        try:
            module = module or load_input()
            answer(generate(module, request) if request["do"] == "generate" else validate(module, request))
        except BaseException as error:  # also SystemExit: the reason must reach whoever asked
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{os.path.basename(last.filename)}:{last.lineno}"
            answer({"error": f"{type(error).__name__}: {error} ({where})"})


serve()
