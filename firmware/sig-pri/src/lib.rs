//! A primary rate span: Q.921 and Q.931 together.
#![no_std]
