"""``lowface new-plugin``: a complete package for one component, from templates."""
