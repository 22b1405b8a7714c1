import os
import time


def handler(event):
    begin = time.perf_counter_ns()
    time.sleep(event["sleep_s"])
    slept_us = (time.perf_counter_ns() - begin) // 1000
    token = os.urandom(8).hex()
    return {"result": {"sleep_s": event["sleep_s"], "nonce": event["nonce"], "slept_us": slept_us, "token": token}}
