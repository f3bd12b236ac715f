"""Real MongoDB and Kafka on one machine without containers: start, list, restart and stop them."""

from .process import StackError
from .report import ServerStatus, status
from .stack import Stack, restart, start, stop
from .state import Name, Say, read_state

__all__ = ["Name", "Say", "ServerStatus", "Stack", "StackError", "read_state", "restart", "start", "status", "stop"]
