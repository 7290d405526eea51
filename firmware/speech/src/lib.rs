//! Text to spoken words: number rules in Chinese and English, and prompts cut into phrases.
