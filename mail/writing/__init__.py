"""Letters: one file a kind, its templates and its texts beside it. Pure: `data -> OutgoingMail`."""

from __future__ import annotations

from mail.writing.asked import AskedAction, AskedInitiative, RequestData
from mail.writing.letterhead import Letterhead
from mail.writing.notice import Link, NoticeData, notice
from mail.writing.received import ReceivedData, ReceivedItem, received
from mail.writing.reminder import ReminderData, reminder
from mail.writing.report import ReportData, report
from mail.writing.request import request

__all__ = [
    "AskedAction",
    "AskedInitiative",
    "Letterhead",
    "Link",
    "NoticeData",
    "ReceivedData",
    "ReceivedItem",
    "ReminderData",
    "ReportData",
    "RequestData",
    "notice",
    "received",
    "reminder",
    "report",
    "request",
]
