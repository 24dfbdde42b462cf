"""A store on object storage, by a mirror of it: a folder of the usual layout in the user's cache.

Its manifests are those of the remote store; parts are fetched whole, and verified, when first needed.
`address` says which store and where its mirror is; `client` is the only one that talks to it, `faults` says
what went wrong; `mirror`, `fetching` and `ledger` read, `claims` and `publishing` write; `findings` looks for
faults, `rebuilding` mends a manifest; `copying` sends markets and days from store to store; `opening` turns
what a user typed into a folder. The client's library is imported on use.
"""
