"""Face encoder (small) trained on a folder of known people; landmarks by MTCNN (needs data_root)."""

head = dict(type="face_encoder")
# the folder has no landmarks; each face is searched once
task = dict(darkest=0.7, detector=dict(type="mtcnn"))

# split.json keeps people apart: scores are those of people never seen in training
train_dataset = dict(type="lapa_face", root="{data_root}", split="train", size=128)
test_dataset = dict(type="lapa_face", root="{data_root}", split="test", size=128)

max_iters = 600
batch_size = 32
lr = 1e-3
lr_schedule = "cosine"
weight_decay = 1e-5
grad_clip = 5.0
