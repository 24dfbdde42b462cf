"""The name that somebody meant who mistyped it."""

from liqmap.schema.nearest import nearest as nearest
