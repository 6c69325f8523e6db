"""Typed events: the decoder, its error policy, payloads, unknown members and Base64."""
