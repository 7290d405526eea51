//! The application server: templated VoiceXML filled with the fund system's data.
