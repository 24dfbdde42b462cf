from .main import Explorer as Explorer
from .main import explore as explore
from .publish.access import Access as Access
from .publish.server import serve as serve
