#!/bin/sh
# A stand-in for the voice program, reached by a symbolic link: notes each run beside it, then does what the file
# beside it says. (A script written by the test itself may be busy while another test's fork still holds it open.)
echo run >>"${0%/*}/runs"
. "$0.does"
