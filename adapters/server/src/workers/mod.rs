//! Workers: what runs beside the requests, one city at a time, until the shutdown signal.
