"""How good a feed was."""

from .quality import quality as quality
from .result import Quality as Quality
