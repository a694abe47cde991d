"""Faces: a detector, differentiable alignment, encoders, recognition against a gallery, and its loss."""

from __future__ import annotations

import lowface_core as lf

UNSTATED = "none stated; the training pictures are for research only"
FACENET = "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9"

RETINAFACE = {
    "widerface": lf.Weights(
        url="https://raw.githubusercontent.com/bubbliiiing/retinaface-pytorch/"
        "3167ca43ae4e2010e4cc0aa6d2da61593548626a/model_data/Retinaface_mobilenet0.25.pth",
        sha256="f9780c6e8674a3bf1c0787b30410f10acb0c52fd05e90114cc8a3bd610bd6e4b",
        size=1789135,
        licence="MIT",
        source="bubbliiiing/retinaface-pytorch, trained on WIDER FACE; the detector that the paper used",
    )
}

OPENCV_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"

YUNET = {
    "opencv": lf.Weights(
        url=f"{OPENCV_ZOO}/face_detection_yunet/face_detection_yunet_2023mar_int8bq.onnx",
        sha256="49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
        size=122489,
        licence="MIT",
        source="OpenCV Zoo, block-quantised; trained on WIDER FACE by libfacedetection",
    )
}

SFACE = {
    "opencv": lf.Weights(
        url=f"{OPENCV_ZOO}/face_recognition_sface/face_recognition_sface_2021dec_int8bq.onnx",
        sha256="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
        size=10667852,
        licence="Apache-2.0",
        source="OpenCV Zoo, block-quantised; SFace of Zhong et al.",
    )
}

MTCNN = {
    name: lf.Weights(
        package="facenet_pytorch",
        file=f"data/{name}.pt",
        sha256=sha256,
        licence="MIT",
        source="inside the installed facenet-pytorch; always used, no weights= to write",
    )
    for name, sha256 in {
        "pnet": "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
        "rnet": "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
        "onet": "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
    }.items()
}

MOBILEFACENET = {
    "casia": lf.Weights(
        url="https://raw.githubusercontent.com/Xiaoccer/MobileFaceNet_Pytorch/"
        "9c6e162647edf1bdc1d194f305d2030c79bf4613/model/best/068.ckpt",
        sha256="e839247cdbdfc023fb7cadeaf53a4549d50c8fc24ad154c02e35920ea8910d99",
        size=4130855,
        licence=UNSTATED,
        source="Xiaoccer/MobileFaceNet_Pytorch, trained on CASIA-WebFace",
    )
}

FACENET_LIBRARY = {
    pictures.lower(): lf.Weights(
        url=f"{FACENET}/{date}-{pictures.lower()}.pt",
        licence="MIT; the training pictures are for research only",
        source=f"facenet-pytorch 2.2.9, trained on {pictures}",
    )
    for date, pictures in {"20180402-114759": "VGGFace2", "20180408-102900": "CASIA-WebFace"}.items()
}

#: The paper's own files are offered through folders that only a browser can open.
PAPERS_DRIVE = "https://drive.google.com/drive/folders/1YNpVyA3zsSQ8ns2CfwqXU3A_S7Doj9TF"
BUBBLIIIING = "https://github.com/bubbliiiing/facenet-pytorch/releases/download/v1.0"

FACENET_MOBILENET = {
    "released": lf.Weights(
        filename="facenet_mobilenet.pth",
        licence=UNSTATED,
        source=f"{PAPERS_DRIVE} (Low-FaceNet's released models; the encoder that the paper used)",
    ),
    "casia": lf.Weights(
        url=f"{BUBBLIIIING}/facenet_mobilenet.pth",
        licence=UNSTATED,
        source="bubbliiiing/facenet-pytorch v1.0, trained on CASIA-WebFace",
    ),
}

FACENET_INCEPTION = {
    "casia": lf.Weights(
        url=f"{BUBBLIIIING}/facenet_inception_resnetv1.pth",
        licence=UNSTATED,
        source="bubbliiiing/facenet-pytorch v1.0, trained on CASIA-WebFace",
    )
}

EMBEDDED = {
    "embedded": lf.Weights(
        file="weights/encoder_rendered.safetensors",
        record="weights/encoder_rendered.json",
        licence="Apache-2.0",
        source="trained by this project on rendered faces, configs/heads/encoder_rendered.py",
    )
}


@lf.hookimpl
def register_heads(register: lf.Register) -> None:
    register(
        "retinaface",
        "lowface_face.detector:RetinaFace",
        weights=RETINAFACE,
        network="lowface_face.retinaface:RetinaFaceNet",
        variants=[{"backbone": "mobilenet0.25"}, {"backbone": "resnet50"}],
    )
    register("yunet", "lowface_face.yunet:YuNet", weights=YUNET, network="lowface_face.yunet_network:YuNetNet")
    register("sface", "lowface_face.sface:SFace", weights=SFACE, network="lowface_face.sface:SFaceNet")
    register("mtcnn", "lowface_face.mtcnn:MTCNN", weights=MTCNN)
    register(
        "mobilefacenet",
        "lowface_face.mobilefacenet:MobileFaceNet",
        weights=MOBILEFACENET,
        network="lowface_face.mobilefacenet:MobileFaceNetNet",
    )
    register(
        "facenet",
        "lowface_face.facenet:FaceNet",
        weights=FACENET_LIBRARY,
        network="facenet_pytorch:InceptionResnetV1",
    )
    register(
        "facenet_mobilenet",
        "lowface_face.facenet:FaceNetMobileNet",
        weights=FACENET_MOBILENET,
        network="lowface_face.facenet:MobileNetEmbedding",
    )
    register(
        "facenet_inception_resnetv1",
        "lowface_face.facenet:FaceNetInception",
        weights=FACENET_INCEPTION,
        network="lowface_face.facenet:inception_network",
    )
    register(
        "face_encoder",
        "lowface_face.face_encoder:FaceEncoder",
        weights=EMBEDDED,
        network="lowface_face.face_encoder:FaceEncoderNet",
        pretrain="lowface_face.encoder_task:EncoderTask",
    )
    register("face", "lowface_face.face:Face", parts={"encoder": "head", "detector": "head"})


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    register("identity", "lowface_face.identity_loss:IdentityLoss")
