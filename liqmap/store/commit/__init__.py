"""How a change becomes visible: the manifest of a market is replaced in one step.

`change` makes it, `recovery` finishes or takes back one whose process died, `manifest` is what is agreed on,
`folders` what plain readers of the tables see, `digests` whether a file still is what was written.
"""
