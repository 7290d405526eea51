//! MFC/R2 signaling (Q.400 to Q.490, China No. 1): line and register machines.
#![no_std]
