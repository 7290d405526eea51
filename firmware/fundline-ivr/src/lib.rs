//! The IVR process: VoiceXML sessions, document fetching, speech, the application server.
