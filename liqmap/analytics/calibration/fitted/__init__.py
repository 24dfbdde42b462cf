"""A model by size and distance, fitted to what was held out, and whether it beats the best half-life."""

from .classes import classes_of as classes_of
from .fit import Fit as Fit
from .fit import Fitting as Fitting
from .learnt import weight_steps as weight_steps
