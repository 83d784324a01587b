"""Starts MiniStack with what it leaves out of Step Functions, of function URLs and of streams.

MiniStack 1.5.33 runs JSONata state machines, but reads some fields as if they were always literals. Each patch below, in
function_url.py and in streams.py wraps one of its private functions, so this file works with that version only and refuses
any other.

What is patched, and what would happen without it:
- ItemReader and ItemSelector of a distributed Map: `{% ... %}` would reach S3 and the children as text.
- MaxConcurrency and ToleratedFailure* of a distributed Map: the comparison of a number with text would fail the state.
- Output and Assign of a distributed Map and of Parallel: the state would return its raw result and assign nothing.
- TimeoutSeconds of a Task: an expression would fail the state.
- Output of Succeed: the expression itself would be the execution's output.
- The end of a stopped execution: a child that fails after StopExecution would turn ABORTED into FAILED.
- A function that fails in a .waitForTaskToken state: its error would be swallowed, and the state wait for its timeout.

`Items` of a distributed Map stays unevaluated: use ItemReader.
"""

import importlib.metadata
import sys
import threading

from emulators import lifeline

lifeline.hold()

WANTED = "1.5.33"

found = importlib.metadata.version("ministack")
if found != WANTED:
    sys.exit(f"MiniStack {WANTED} is wanted, {found} is installed: its patches fit that version only; run `make tools`")

from ministack.app import main  # noqa: E402
from ministack.services import stepfunctions as sfn  # noqa: E402

from emulators import function_url, streams  # noqa: E402
from emulators.wrapping import wrapping  # noqa: E402

MAP_NUMBERS = ("MaxConcurrency", "ToleratedFailurePercentage", "ToleratedFailureCount")
CALLBACK = threading.local()


def is_jsonata(state, ctx):
    return sfn._state_query_language(state, ctx) == "JSONata"


def with_numbers(state, raw_input, ctx, fields):
    """The state with these fields evaluated; a literal number evaluates to itself."""
    present = {field for field in fields if field in state}
    return state | {field: sfn._jsonata_state_field(state, field, "number", raw_input, ctx) for field in present}


def finished(state, raw_input, ctx, result):
    """What a JSONata state leaves behind: its variables assigned, its output shaped."""
    output = sfn._apply_jsonata_output(state, raw_input, ctx, result=result, default=result)
    sfn._apply_state_assign(state, raw_input, ctx, result=result)
    return output


@wrapping(sfn, "_resolve_params_obj")
def reader_and_selector(original, template, data, ctx=None):
    if ctx and is_jsonata({}, ctx):
        return sfn._apply_jsonata_template(template, data, ctx)
    return original(template, data, ctx)


@wrapping(sfn, "_run_distributed_map")
def distributed_map(original, state, raw_input, effective, iterator, execution, ctx):
    if not is_jsonata(state, ctx):
        return original(state, raw_input, effective, iterator, execution, ctx)
    state_with_numbers = with_numbers(state, raw_input, ctx, MAP_NUMBERS)
    result, following = original(state_with_numbers, raw_input, effective, iterator, execution, ctx)
    return finished(state, raw_input, ctx, result), following


@wrapping(sfn, "_run_parallel_branches")
def parallel(original, state, raw_input, execution, ctx):
    if not is_jsonata(state, ctx):
        return original(state, raw_input, execution, ctx)
    # Variables assigned inside a branch do not leave it.
    outer_variables = dict(ctx["variables"])
    result, following = original(state, raw_input, execution, ctx)
    ctx["variables"] = outer_variables
    return finished(state, raw_input, ctx, result), following


@wrapping(sfn, "_execute_task")
def task(original, state, raw_input, execution, ctx):
    if is_jsonata(state, ctx):
        state = with_numbers(state, raw_input, ctx, ("TimeoutSeconds",))
    return original(state, raw_input, execution, ctx)


@wrapping(sfn, "_apply_output_path")
def succeed(original, state, data, ctx=None):
    if state.get("Type") == "Succeed" and is_jsonata(state, ctx):
        return sfn._apply_jsonata_output(state, data, ctx, default=data)
    return original(state, data, ctx)


@wrapping(sfn, "_fail_execution")
def fail(original, execution, error, cause):
    return original(execution, error, cause) if execution["status"] == "RUNNING" else None


@wrapping(sfn, "_invoke_with_callback")
def with_callback(original, resource, arguments, token, state):
    CALLBACK.token = token
    try:
        return original(resource, arguments, token, state)
    finally:
        CALLBACK.token = None


@wrapping(sfn, "_call_lambda")
def call(original, function, event):
    try:
        return original(function, event)
    except sfn._ExecutionError as error:
        waiting = sfn._task_tokens.get(getattr(CALLBACK, "token", None))
        if waiting and not waiting["event"].is_set():
            waiting["error"] = {"Error": error.error, "Cause": error.cause}
            waiting["event"].set()
        raise


function_url.know_the_caller()
streams.tell_again()
sys.exit(main())
