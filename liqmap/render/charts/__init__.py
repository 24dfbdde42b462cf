"""Charts in a notebook and in the app, by HoloViews: drawn anew for every zoom and pan."""
