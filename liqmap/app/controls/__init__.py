"""The panel of choices beside the picture: a section a file, a control a line."""

from liqmap.app.controls.panel import Controls as Controls
