"""The default recipe of lowface (`lowface config show lowfacenet`) with one loss more."""

_base_ = "lowfacenet"

# 0.46 is about how bright well-lit rendered faces are
losses = dict(exposure=dict(type="exposure", weight=1.0, level=0.46))
