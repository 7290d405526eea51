//! Checks of the tree: floors, purity, citations.
