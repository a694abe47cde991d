import lowface_core as lf


@lf.hookimpl
def register_losses(register):
    register("Never-Ever", "faults.parts:Reads")
