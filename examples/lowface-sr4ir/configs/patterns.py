"""The classifier: a small ResNet of torchvision's blocks learns eight kinds of patterns, in good light only."""

head = dict(type="resnet_ladder", classes=8)

train_dataset = dict(type="patterns", count=2000)
# dark pictures in the test set only: what darkness costs a network that never saw it is written into the record
test_dataset = dict(
    type="patterns",
    count=640,
    first=100_000,
    degradation=dict(type="gamma_noise", gamma=(2.5, 3.5), noise=(16.0, 32.0)),
)

max_iters = 150
batch_size = 16
eval_batch_size = 40
lr = 1e-3
lr_schedule = "cosine"
weight_decay = 0.0
grad_clip = 5.0
checkpoint_interval = 1000
