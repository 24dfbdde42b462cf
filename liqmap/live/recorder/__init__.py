"""Markets recorded as they are heard: raw files, and the store by the readers of archives.

``recorder`` runs many markets; ``market_recorder`` one of them: its raw files one after the other, of what
``hearing`` hears. ``recording`` is one raw file on its way into the store, of ``raw_log`` (what is on the
disk, in ``frames``) and ``growing_file`` (what a reader takes for a file). ``relay`` gives rows to who
watches; ``folder`` puts right what a recorder that died left; ``report`` tells.
"""

from liqmap.live.recorder.market_recorder import Receive as Receive
from liqmap.live.recorder.recorder import Recorder as Recorder
from liqmap.live.recorder.recorder import record as record
from liqmap.live.recorder.report import RecordReport as RecordReport
