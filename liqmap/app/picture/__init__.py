"""The picture in the browser, as Python has it: what it is told, what it asks, what is answered.

No Panel here: the component that carries the messages is `liqmap.app.views.picture`.
"""
