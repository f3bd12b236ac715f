"""What the demo programme must come to, worked out a second time: slow, obvious, sharing no code with the engine."""
