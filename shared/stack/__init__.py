"""Real MongoDB and Kafka on one machine without containers: start, list, restart and stop them."""

from .process import StackError
from .report import ServerStatus, status
from .stack import Stack, restart, start, stop
from .state import read_state

__all__ = ["ServerStatus", "Stack", "StackError", "read_state", "restart", "start", "status", "stop"]
