//! E1 spans in UDP by RFC 5086 (CESoPSN, structure-aware).
