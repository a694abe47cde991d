"""Face parser (DeepLabv3+, small) trained on real faces with label maps in the LaPa-Face layout (needs data_root)."""

head = dict(type="deeplabv3plus", backbone="small")

train_dataset = dict(type="lapa_face", root="{data_root}", split="train", size=128)
test_dataset = dict(type="lapa_face", root="{data_root}", split="test", size=128)

max_iters = 2500
batch_size = 8
lr = 1e-3
lr_schedule = "cosine"
weight_decay = 1e-5
grad_clip = 5.0
