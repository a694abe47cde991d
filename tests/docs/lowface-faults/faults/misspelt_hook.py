import lowface_core as lf


@lf.hookimpl
def register_loses(register):
    register("never", "faults.parts:Reads")
