//! The call model: CSTA devices, connections and calls, one numbered event stream, routing.
