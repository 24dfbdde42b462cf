"""What a market says of the carry: how far carried levels are from what a deeper book knows."""

from .answer import Best as Best
from .calibrate import calibrate as calibrate
from .calibration import Calibration as Calibration
from .held_out import HeldOut as HeldOut
from .held_out import Judged as Judged
from .held_out import held_out as held_out
from .presence import Reliability as Reliability
from .presence import judge_presence as judge_presence
from .reentry import reentries as reentries
from .retention import retention as retention
from .transfer import transfer as transfer
