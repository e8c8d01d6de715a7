"""The tables, for the migrations. Reading and writing them is the business of the modules beside this package."""

from storage.models.budgets import Budget, BudgetPeriod
from storage.models.conversations import Attachment, Conversation, Message
from storage.models.inbox import InboxItem
from storage.models.ledger import Reservation, ReservationLine, UsageEntry
from storage.models.notices import Notice
from storage.models.people import Identity, Person, Role
from storage.models.places import Place, Workspace
from storage.models.posts import Post, PostClock
from storage.models.processes import Process
from storage.models.replies import Page, Reply
from storage.models.sessions import Session, SignInLink
from storage.models.settings import AuditEntry, Setting
from storage.models.tasks import Task

__all__ = [
    "Attachment",
    "AuditEntry",
    "Budget",
    "BudgetPeriod",
    "Conversation",
    "Identity",
    "InboxItem",
    "Message",
    "Notice",
    "Page",
    "Person",
    "Place",
    "Post",
    "PostClock",
    "Process",
    "Reply",
    "Reservation",
    "ReservationLine",
    "Role",
    "Session",
    "Setting",
    "SignInLink",
    "Task",
    "UsageEntry",
    "Workspace",
]
