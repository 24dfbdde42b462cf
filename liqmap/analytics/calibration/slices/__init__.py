"""The answer cut by how many levels a feed shows, and by how old what it carries is."""

from .beyond import Beyond as Beyond
from .beyond import beyond_of as beyond_of
from .by_age import by_age as by_age
from .by_depth import row_of as row_of
from .by_depth import tables_of as tables_of
