import lowface_core as lf


@lf.hookimpl
def register_losses(register):
    register("reads", "faults.parts:Reads")
    register("raises", "faults.parts:Raises")
    register("typo", "faults.parts:Raizes")
    register("infinite", "faults.parts:Infinite")
    register("smoothness", "faults.parts:Infinite")
