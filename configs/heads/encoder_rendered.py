"""Face encoder (small) trained on rendered faces: the embedded recogniser of the default recipe."""

head = dict(type="face_encoder")
# like recognisers in use it knows well-lit pictures; what darkness costs it is in its record (rank1_low)
task = dict(darkest=0.7)

train_dataset = dict(type="rendered_faces", size=96, first_identity=10_000, identities=600, pictures=6, cache_size=4200)
test_dataset = dict(
    type="rendered_faces",
    size=96,
    first_identity=20_000,
    identities=100,
    pictures=4,
    degradation=dict(type="linear", low=0.10, high=0.35),  # the record also says how it does in the dark
)

max_iters = 2500
batch_size = 32
lr = 1e-3
lr_schedule = "cosine"
weight_decay = 1e-5
grad_clip = 5.0
