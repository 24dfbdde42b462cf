"""A stream kept up over a WebSocket: back-off, silence, handover, REST."""
