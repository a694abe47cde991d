"""Procedural face pictures: identities, views and label maps drawn from seeds, without any stored data.

:func:`lowface_data.rendered.face.render_face` draws one picture; ``rendered_faces`` holds
the data set made of them. The coordinates inside are *canonical*: a frontal head, x to the right of the picture, y
down, the eyes near y = 0, the chin near y = 0.86 and the crown near y = -0.80. A picture is drawn there, in layers,
and then turned, moved and scaled into place, so the label map and the landmarks share the picture's geometry by
construction.
"""

from __future__ import annotations

#: Changes whenever the same arguments give other pixels; part of a data set's fingerprint.
VERSION = 1
