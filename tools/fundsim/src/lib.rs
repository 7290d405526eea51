//! A fund company's system: funds, customers, accounts and holdings over HTTP/JSON.
