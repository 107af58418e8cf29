"""What the fuzzer cannot guess: writes carry a fresh request key and the version of new rows.

Without this nearly every write would end at "needs a request key". Every fourth request goes out as
it was generated.
"""

from itertools import count
from typing import Any

import schemathesis

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
UNTOUCHED = 4

numbers = count()


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    number = next(numbers)
    if case.method.upper() not in WRITES or number % UNTOUCHED == 0:
        return
    case.headers["Idempotency-Key"] = f"fuzz-{number}"
    if "If-Match" in case.headers:
        case.headers["If-Match"] = f'"{1 + number % UNTOUCHED // 2}"'
