//! Every decoder fed with hostile input; the corpus is replayed by plain cargo test.
