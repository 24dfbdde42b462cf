"""How good a feed was."""

from .quality import Quality as Quality
from .quality import quality as quality
