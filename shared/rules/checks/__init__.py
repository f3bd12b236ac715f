"""The checking room: what is wrong with definitions that can be read, before anybody publishes them. Pure."""
