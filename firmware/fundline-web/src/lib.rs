//! The page: HTTPS, sign-in, live state and call list.
