"""Private parts of other packages that the app needs: a module a package, and nothing of the kind elsewhere.

``tests/app/internals`` says what breaks when one of them goes.
"""
