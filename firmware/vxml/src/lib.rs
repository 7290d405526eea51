//! The VoiceXML interpreter as a pure machine.
