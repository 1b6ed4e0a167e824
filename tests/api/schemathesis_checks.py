"""What Schemathesis looks at besides its own checks."""

import schemathesis
from schemathesis import GenerationMode

UNKNOWN = "Extra inputs are not permitted"
"""Of members that the document does not allow. Schemathesis adds some that it learned from refusals."""


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Call a request ill-formed that has an ill-formed part: Schemathesis overlooks some headers."""
    if case.meta and any(part.mode.is_negative for part in case.meta.components.values()):
        case.meta.generation.mode = GenerationMode.NEGATIVE


@schemathesis.check
def what_is_well_formed_is_understood(ctx, response, case):
    """What the document allows may be refused for what it says, but never as ill-formed."""
    is_well_formed = case.meta is not None and case.meta.generation.mode.is_positive
    if is_well_formed and response.status_code == 422:
        problem = response.json()
        reasons = {reason for said in problem["fields"].values() for reason in said}
        assert problem["code"] != "form_data" or reasons == {UNKNOWN}, problem["fields"]
