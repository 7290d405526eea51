//! Caller id messages: what FSK octets and DTMF strings say, and how they are made.
#![no_std]
