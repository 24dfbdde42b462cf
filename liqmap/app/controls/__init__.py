"""The panel of choices beside the picture: a section a file, a control a line."""

from .panel import Controls as Controls
