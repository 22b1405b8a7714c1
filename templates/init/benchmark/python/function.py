"""__NAME__ in Python: takes the event that input.mjs made, returns what input.mjs judges."""


def handler(event):
    numbers = event["numbers"]
    return {"sum": sum(numbers), "largest": max(numbers)}
