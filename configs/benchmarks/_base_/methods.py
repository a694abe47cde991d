"""The published methods that the benchmarks compare, with their authors' weights (needs weights_root)."""

methods = dict(
    lime=dict(type="lime"),
    retinexnet=dict(
        type="retinexnet",
        weights="{weights_root}/retinexnet_decom_9200.tar",
        relight="{weights_root}/retinexnet_relight_9200.tar",
    ),
    ssienet=dict(type="ssienet", weights="{weights_root}/ssienet_6000.npz"),
    ruas_lol=dict(type="ruas", weights="{weights_root}/ruas_lol.pt"),
    ruas_upe=dict(type="ruas", weights="{weights_root}/ruas_upe.pt"),
    ruas_dark=dict(type="ruas", weights="{weights_root}/ruas_dark.pt"),
    zero_dce=dict(type="zero_dce", weights="{weights_root}/zero_dce_epoch99.pth"),
    zero_dcepp=dict(type="zero_dcepp", weights="{weights_root}/zero_dcepp_epoch99.pth"),
    scl_lle=dict(type="scl_lle", weights="{weights_root}/scl_lle.pth"),
)
