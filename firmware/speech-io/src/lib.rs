//! Phrases rendered by the espeak-ng program and cached by content.
