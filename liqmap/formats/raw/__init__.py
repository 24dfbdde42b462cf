"""Raw files as they lie on disk: packed or plain, quoted or not, read ahead in whole lines."""

from .file import RawFile as RawFile
from .frame import RawFrame as RawFrame
from .packed_file import PackedFile as PackedFile
from .read_ahead import ahead as ahead
