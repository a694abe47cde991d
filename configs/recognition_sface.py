"""The second judge: YuNet and SFace, which no shipped recipe is trained through (needs weights_root; lowface[onnx])."""

heads = dict(
    face=dict(
        type="face",
        locate="enhanced",
        detector=dict(type="yunet", weights="{weights_root}/face_detection_yunet_2023mar_int8bq.onnx"),
        encoder=dict(type="sface", weights="{weights_root}/face_recognition_sface_2021dec_int8bq.onnx"),
    ),
)
