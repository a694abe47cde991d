def register_losses(register):
    register("never", "faults.parts:Reads")
