"""The tables, for the migrations. Reading and writing them is the business of the modules beside this package."""

from storage.models.agents import Agent
from storage.models.approvals import Approval
from storage.models.branches import Fork, Summary
from storage.models.budgets import Budget, BudgetPeriod
from storage.models.conversations import Attachment, Conversation, Feedback, Message
from storage.models.health import ModelHealth, ProviderHealth, RequestCount, Turn
from storage.models.inbox import InboxItem
from storage.models.known import CustomModel, CustomProvider, KnownModel
from storage.models.ledger import Reservation, ReservationLine, UsageEntry
from storage.models.notices import Notice
from storage.models.people import Identity, Person, Role
from storage.models.places import Place, Workspace
from storage.models.posts import Post, PostClock
from storage.models.prices import ModelEstimate, PriceOverride
from storage.models.processes import Process
from storage.models.replies import Page, Reply
from storage.models.sendings import Sending, Webhook
from storage.models.sessions import Session, SignInLink
from storage.models.settings import AuditEntry, Setting
from storage.models.tasks import Task
from storage.models.usage import UsageDay, UsageThread, UsageTotal
from storage.models.vault import Credential, SecretKey

__all__ = [
    "Agent",
    "Approval",
    "Attachment",
    "AuditEntry",
    "Budget",
    "BudgetPeriod",
    "Conversation",
    "Credential",
    "CustomModel",
    "CustomProvider",
    "Feedback",
    "Fork",
    "Identity",
    "InboxItem",
    "KnownModel",
    "Message",
    "ModelEstimate",
    "ModelHealth",
    "Notice",
    "Page",
    "Person",
    "Place",
    "Post",
    "PostClock",
    "PriceOverride",
    "Process",
    "ProviderHealth",
    "Reply",
    "RequestCount",
    "Reservation",
    "ReservationLine",
    "Role",
    "SecretKey",
    "Sending",
    "Session",
    "Setting",
    "SignInLink",
    "Summary",
    "Task",
    "Turn",
    "UsageDay",
    "UsageEntry",
    "UsageThread",
    "UsageTotal",
    "Webhook",
    "Workspace",
]
