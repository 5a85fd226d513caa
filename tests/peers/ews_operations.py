"""What each EWS operation of the peer answers: XML in, XML out, over a mailbox."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from email.utils import getaddresses
from typing import Any

from ews_mailbox import FOLDERS, Item, Mailbox, NoSuchItem, UnknownState
from lxml import etree
from lxml.builder import ElementMaker

M_NS = "http://schemas.microsoft.com/exchange/services/2006/messages"
T_NS = "http://schemas.microsoft.com/exchange/services/2006/types"
E_NS = "http://schemas.microsoft.com/exchange/services/2006/errors"
XSI_NS = "http://www.w3.org/2001/XMLSchema-instance"
S_NS = "http://schemas.xmlsoap.org/soap/envelope/"
NS = {"m": M_NS, "t": T_NS, "s": S_NS}
M = ElementMaker(namespace=M_NS, nsmap=NS)
T = ElementMaker(namespace=T_NS, nsmap=NS)
S = ElementMaker(namespace=S_NS, nsmap=NS)
Element = etree._Element
WHEN = "%Y-%m-%dT%H:%M:%SZ"


class Refused(Exception):
    """A SOAP fault: the request as a whole makes no sense."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def envelope(answer: Element) -> Element:
    version = T.ServerVersionInfo(
        MajorVersion="15", MinorVersion="2", MajorBuildNumber="2562", MinorBuildNumber="17", Version="V2017_07_11"
    )
    return S.Envelope(S.Header(version), S.Body(answer))


def fault_envelope(code: str, why: str, *, back_off: int = 0) -> Element:
    """As Exchange faults: HTTP 500, and for a busy server how many milliseconds to keep away."""
    e = ElementMaker(namespace=E_NS, nsmap={"e": E_NS})
    detail = etree.Element("detail")
    detail.extend([e.ResponseCode(code), e.Message(why)])
    if back_off:
        detail.append(T.MessageXml(T.Value(str(back_off), Name="BackOffMilliseconds")))
    fault = S.Fault()
    for name, text in (("faultcode", f"a:{code}"), ("faultstring", why)):
        etree.SubElement(fault, name).text = text
    fault.append(detail)
    return S.Envelope(S.Body(fault))


def answer_of(operation: str, asked: Element, box: Mailbox, code: str = "") -> Element:
    """The operation's response; with a `code`, a response message that refuses with it, and nothing is done."""
    answer = M(f"{operation}Response")
    messages = etree.SubElement(answer, f"{{{M_NS}}}ResponseMessages")
    told = [_error(operation, code, "Scripted.")] if code else list(OPERATIONS[operation](asked, box))
    messages.extend(told)
    return answer


def _success(operation: str, *parts: Element) -> Element:
    return M(f"{operation}ResponseMessage", M.ResponseCode("NoError"), *parts, ResponseClass="Success")


def _error(operation: str, code: str, why: str) -> Element:
    """Where the schema wants the empty list, Exchange writes it; a sync's error may come without any state."""
    lists = {"CreateItem": "Items", "GetItem": "Items", "UpdateItem": "Items", "MoveItem": "Items"}
    lists |= {"CreateAttachment": "Attachments", "GetAttachment": "Attachments"}
    parts = [M(lists[operation])] if operation in lists else []
    text, key = M.MessageText(why), M.DescriptiveLinkKey("0")
    return M(f"{operation}ResponseMessage", text, M.ResponseCode(code), key, *parts, ResponseClass="Error")


def _all(element: Element, path: str) -> list[Element]:
    return element.findall(path, NS)


def _yes(value: str | None) -> bool:
    return value in ("true", "1")


def _text(element: Element, path: str, otherwise: str = "") -> str:
    return str(element.findtext(path, otherwise, NS))


# --- folders ----------------------------------------------------------------------------------------------------------


def _folder_id(folder: str) -> str:
    return base64.b64encode(f"folder:{folder}".encode()).decode()


def _folder_of(element: Element) -> str:
    """The distinguished id of a `FolderId` or `DistinguishedFolderId`; "" when there is none such."""
    asked = element.get("Id", "")
    return next((name for name in FOLDERS if asked in (name, _folder_id(name))), "")


def _folder(folder: str, box: Mailbox) -> Element:
    name, kind, parent = FOLDERS[folder]
    tags = {"IPF.Appointment": "CalendarFolder", "IPF.Contact": "ContactsFolder", "IPF.Task": "TasksFolder"}
    parts = [T.FolderId(Id=_folder_id(folder), ChangeKey="AQAAAA==")]
    parts += [T.ParentFolderId(Id=_folder_id(parent), ChangeKey="AQAAAA==")] if parent else []
    parts += [T.FolderClass(kind)] if kind else []
    items = box.in_folder(folder)
    children = [one for one, (_, _, above) in FOLDERS.items() if above == folder]
    parts += [T.DisplayName(name), T.TotalCount(str(len(items))), T.ChildFolderCount(str(len(children)))]
    parts.append(_property((("PropertyTag", "0x670a"), ("PropertyType", "SystemTime")), "2026-11-11T13:00:00Z"))
    parts.append(T.DistinguishedFolderId(folder))
    tag = tags.get(kind, "Folder")
    if tag in ("Folder", "TasksFolder"):
        parts.append(T.UnreadCount(str(len([one for one in items if not one.read]))))
    return T(tag, *parts)


def _get_folder(asked: Element, box: Mailbox) -> Iterator[Element]:
    for one in _all(asked, "m:FolderIds/*"):
        if folder := _folder_of(one):
            yield _success("GetFolder", M.Folders(_folder(folder, box)))
        else:
            yield _error("GetFolder", "ErrorFolderNotFound", "The specified folder could not be found in the store.")


def _find_folder(asked: Element, box: Mailbox) -> Iterator[Element]:
    deep = asked.get("Traversal") == "Deep"
    for one in _all(asked, "m:ParentFolderIds/*"):
        parent = _folder_of(one)
        found = [name for name, (_, _, above) in FOLDERS.items() if above and (above == parent or deep)]
        folders = T.Folders(*[_folder(name, box) for name in found])
        yield _success("FindFolder", M.RootFolder(folders, **_paging(len(found), len(found), last=True)))


def _paging(offset: int, total: int, *, last: bool) -> dict[str, str]:
    return {
        "IndexedPagingOffset": str(offset),
        "TotalItemsInView": str(total),
        "IncludesLastItemInRange": str(last).lower(),
    }


# --- items ------------------------------------------------------------------------------------------------------------

Key = tuple[tuple[str, str], ...]


def _uri_key(uri: Element) -> Key:
    """An `ExtendedFieldURI` as a key: names of sets are not told apart by case."""
    return tuple(sorted((str(name), str(value).lower()) for name, value in uri.attrib.items()))


def _property(uri: Key, value: str) -> Element:
    return T.ExtendedProperty(T.ExtendedFieldURI(**dict(uri)), T.Value(value))


def _mailboxes(tag: str, value: str | None) -> Element | None:
    pairs = getaddresses([value or ""])
    found = [T.Mailbox(T.Name(name or address), T.EmailAddress(address)) for name, address in pairs if address]
    return T(tag, *found) if found else None


def _optional(tag: str, value: str | None) -> Element | None:
    return T(tag, str(value)) if value else None


FIELDS: dict[str, Callable[[Item], Element | None]] = {  # in the schema's order
    "item:MimeContent": lambda i: T.MimeContent(base64.b64encode(i.raw).decode(), CharacterSet="UTF-8"),
    "item:ItemId": lambda i: T.ItemId(Id=i.id, ChangeKey=i.key),
    "item:ParentFolderId": lambda i: T.ParentFolderId(Id=_folder_id(i.folder), ChangeKey="AQAAAA=="),
    "item:ItemClass": lambda _: T.ItemClass("IPM.Note"),
    "item:Subject": lambda i: _optional("Subject", i.message["Subject"]),
    "item:Attachments": lambda i: _attachments(i),  # noqa: PLW0108 - defined further down
    "item:DateTimeReceived": lambda i: T.DateTimeReceived(i.received.strftime(WHEN)),
    "item:Size": lambda i: T.Size(str(len(i.raw))),
    "item:InReplyTo": lambda i: _optional("InReplyTo", i.message["In-Reply-To"]),
    "item:IsSubmitted": lambda i: T.IsSubmitted(str(i.submitted).lower()),
    "item:IsDraft": lambda i: T.IsDraft(str(i.draft).lower()),
    "item:DateTimeSent": lambda i: T.DateTimeSent(i.received.strftime(WHEN)),
    "item:DateTimeCreated": lambda i: T.DateTimeCreated(i.received.strftime(WHEN)),
    "item:DisplayCc": lambda i: T.DisplayCc(i.message["Cc"] or ""),
    "item:DisplayTo": lambda i: T.DisplayTo(i.message["To"] or ""),
    "item:HasAttachments": lambda i: T.HasAttachments(str(bool(list(i.message.iter_attachments()))).lower()),
    "": lambda _: None,  # here stand the extended properties
    "item:LastModifiedTime": lambda i: T.LastModifiedTime(i.received.strftime(WHEN)),
    "item:TextBody": lambda i: T.TextBody(_plain(i), BodyType="Text"),
    "message:Sender": lambda i: _single("Sender", i),
    "message:ToRecipients": lambda i: _mailboxes("ToRecipients", i.message["To"]),
    "message:CcRecipients": lambda i: _mailboxes("CcRecipients", i.message["Cc"]),
    "message:From": lambda i: _single("From", i),
    "message:InternetMessageId": lambda i: _optional("InternetMessageId", i.message["Message-ID"]),
    "message:IsRead": lambda i: T.IsRead(str(i.read).lower()),
    "message:References": lambda i: _optional("References", i.message["References"]),
    "message:ReplyTo": lambda i: _mailboxes("ReplyTo", i.message["Reply-To"]),
}
TAGS: dict[str, Callable[[Item], str]] = {  # MAPI properties that DavMail asks for
    "0x7d": lambda i: i.raw.replace(b"\r\n", b"\n").split(b"\n\n")[0].decode("utf-8", "replace"),
    "0xe08": lambda i: str(len(i.raw)),
    "0xe07": lambda i: str(int(i.read) | (8 if i.draft else 0)),
    "0xe23": lambda i: str(i.born),
    "0x300b": lambda i: base64.b64encode(i.id.encode()[:16]).decode(),
    "0xe06": lambda i: i.received.strftime(WHEN),
    "0x10f4": lambda _: "false",
}


def _single(tag: str, item: Item) -> Element | None:
    found = _mailboxes(tag, item.message["From"])
    return T(tag, found[0]) if found is not None else None


def _plain(item: Item) -> str:
    body = item.message.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""


def _attachments(item: Item) -> Element | None:
    found = [_attachment(item, n, part, content=False) for n, part in enumerate(item.message.iter_attachments())]
    return T.Attachments(*found) if found else None


def _attachment(item: Item, number: int, part: Any, *, content: bool) -> Element:
    held = part.get_payload(decode=True) or b""
    parts = [T.AttachmentId(Id=f"{item.id}/{number}"), T.Name(part.get_filename() or "adjunto")]
    parts += [T.ContentType(part.get_content_type()), T.Size(str(len(held)))]
    parts += [T.Content(base64.b64encode(held).decode())] if content else []
    return T.FileAttachment(*parts)


def _shown(item: Item, shape: Element | None) -> Element:
    """A `Message` with what the shape asks for; a property that the item lacks is left out, as Exchange does."""
    wanted = {"item:ItemId"}
    uris: list[Element] = []
    if shape is not None:
        base = _text(shape, "t:BaseShape")
        wanted |= set(FIELDS) - {"item:MimeContent"} if base in ("AllProperties", "Default") else set()
        wanted |= {one.get("FieldURI", "") for one in _all(shape, ".//t:FieldURI")}
        wanted |= {"item:MimeContent"} if _yes(_text(shape, "t:IncludeMimeContent")) else set()
        uris = _all(shape, ".//t:ExtendedFieldURI")
    parts: list[Element | None] = []
    for name, make in FIELDS.items():
        if not name:
            parts += [_extended(item, uri) for uri in uris]
        elif name in wanted:
            parts.append(make(item))
    return T.Message(*[one for one in parts if one is not None])


def _extended(item: Item, uri: Element) -> Element | None:
    value = _value(item, _uri_key(uri))
    return None if value is None else _property(tuple(uri.attrib.items()), value)


def _value(item: Item, key: Key) -> str | None:
    if key in item.properties:
        return item.properties[key]
    tag = TAGS.get(hex(int(dict(key).get("PropertyTag", "0"), 0)))
    return tag(item) if tag else None


def _get_item(asked: Element, box: Mailbox) -> Iterator[Element]:
    for one in _all(asked, "m:ItemIds/t:ItemId"):
        try:
            item = box.item(one.get("Id", ""))
        except NoSuchItem:
            yield _missing("GetItem")
        else:
            yield _success("GetItem", M.Items(_shown(item, asked.find("m:ItemShape", NS))))


def _missing(operation: str) -> Element:
    return _error(operation, "ErrorItemNotFound", "The specified object was not found in the store.")


def _find_item(asked: Element, box: Mailbox) -> Iterator[Element]:
    view = asked.find("m:IndexedPageItemView", NS)
    offset = int(view.get("Offset", "0")) if view is not None else 0
    most = int(view.get("MaxEntriesReturned", "1000")) if view is not None else 1000
    for place in _all(asked, "m:ParentFolderIds/*"):
        found = [one for one in box.in_folder(_folder_of(place)) if _meets(one, asked.find("m:Restriction", NS))]
        found.sort(key=lambda one: one.received, reverse=True)
        page = found[offset : offset + most]
        last = offset + most >= len(found)
        items = T.Items(*[_shown(one, asked.find("m:ItemShape", NS)) for one in page])
        yield _success("FindItem", M.RootFolder(items, **_paging(offset + len(page), len(found), last=last)))


def _meets(item: Item, restriction: Element | None) -> bool:
    return restriction is None or all(_holds(item, one) for one in restriction)


def _holds(item: Item, test: Element) -> bool:
    name = etree.QName(test).localname
    if name in ("And", "Or"):
        return (all if name == "And" else any)(_holds(item, one) for one in test)
    if name == "Not":
        return not _holds(item, test[0])
    value = _of_path(item, test[0])
    if name == "Exists":
        return value is not None
    constant = test.find(".//t:Constant", NS)
    wanted = constant.get("Value", "") if constant is not None else ""
    return _compared(name, value, wanted)


def _compared(name: str, value: str | None, wanted: str) -> bool:
    if value is None:
        return name == "IsNotEqualTo"
    a, b = (f"{int(one):020}" if one.isdigit() else one.lower() for one in (value, wanted))
    tests = {
        "IsEqualTo": a == b,
        "IsNotEqualTo": a != b,
        "IsGreaterThan": a > b,
        "IsGreaterThanOrEqualTo": a >= b,
        "IsLessThan": a < b,
        "IsLessThanOrEqualTo": a <= b,
        "Contains": b in a,
    }
    return tests[name]


def _of_path(item: Item, path: Element) -> str | None:
    if etree.QName(path).localname == "ExtendedFieldURI":
        return _value(item, _uri_key(path))
    shown = FIELDS[path.get("FieldURI", "")](item)
    return None if shown is None else str(shown.text or "")


def _create_item(asked: Element, box: Mailbox) -> Iterator[Element]:
    disposition = asked.get("MessageDisposition", "SaveOnly")
    place = asked.find("m:SavedItemFolderId", NS)
    folder = _folder_of(place[0]) if place is not None else "drafts"
    for one in _all(asked, "m:Items/t:Message"):
        content = _text(one, "t:MimeContent")
        if not content:
            yield _error("CreateItem", "ErrorMimeContentInvalid", "This server takes MIME only.")
            continue
        item = box.add(base64.b64decode(content), folder, draft=folder != "inbox")
        item.read = _yes(_text(one, "t:IsRead"))
        item.properties |= {_uri_key(prop[0]): _text(prop, "t:Value") for prop in _all(one, "t:ExtendedProperty")}
        if disposition == "SaveOnly":
            yield _success("CreateItem", M.Items(T.Message(T.ItemId(Id=item.id, ChangeKey=item.key))))
        else:
            box.submit(item, folder if disposition == "SendAndSaveCopy" else None)
            yield _success("CreateItem", M.Items())


def _send_item(asked: Element, box: Mailbox) -> Iterator[Element]:
    place = asked.find("m:SavedItemFolderId", NS)
    copy_to = _folder_of(place[0]) if place is not None else "sentitems"
    for one in _all(asked, "m:ItemIds/t:ItemId"):
        try:
            item = box.item(one.get("Id", ""))
        except NoSuchItem:
            yield _missing("SendItem")
            continue
        box.submit(item, copy_to if _yes(asked.get("SaveItemToFolder")) else None)
        yield _success("SendItem")


def _update_item(asked: Element, box: Mailbox) -> Iterator[Element]:
    for change in _all(asked, "m:ItemChanges/t:ItemChange"):
        try:
            item = box.item(_all(change, "t:ItemId")[0].get("Id", ""))
        except NoSuchItem:
            yield _missing("UpdateItem")
            continue
        for update in _all(change, "t:Updates/*"):
            _update(item, update)
        box.touch(item)
        shown = M.Items(T.Message(T.ItemId(Id=item.id, ChangeKey=item.key)))
        yield _success("UpdateItem", shown, M.ConflictResults(T.Count("0")))


def _update(item: Item, update: Element) -> None:
    path = update[0]
    if etree.QName(path).localname == "ExtendedFieldURI":
        item.properties.pop(_uri_key(path), None)
        if etree.QName(update).localname == "SetItemField":
            item.properties[_uri_key(path)] = _text(update, ".//t:Value")
    elif path.get("FieldURI") == "message:IsRead":
        item.read = _yes(_text(update, "t:Message/t:IsRead"))


def _move_item(asked: Element, box: Mailbox) -> Iterator[Element]:
    folder = _folder_of(_all(asked, "m:ToFolderId/*")[0])
    for one in _all(asked, "m:ItemIds/t:ItemId"):
        try:
            moved = box.move(box.item(one.get("Id", "")), folder)
        except NoSuchItem:
            yield _missing("MoveItem")
        else:
            yield _success("MoveItem", M.Items(T.Message(T.ItemId(Id=moved.id, ChangeKey=moved.key))))


def _delete_item(asked: Element, box: Mailbox) -> Iterator[Element]:
    for one in _all(asked, "m:ItemIds/t:ItemId"):
        try:
            item = box.item(one.get("Id", ""))
        except NoSuchItem:
            yield _missing("DeleteItem")
            continue
        if asked.get("DeleteType") == "MoveToDeletedItems":
            box.move(item, "deleteditems")
        else:
            box.remove(item)
        yield _success("DeleteItem")


def _create_attachment(asked: Element, box: Mailbox) -> Iterator[Element]:
    parent = _all(asked, "m:ParentItemId")[0].get("Id", "")
    for one in _all(asked, "m:Attachments/t:FileAttachment"):
        try:
            item = box.item(parent)
        except NoSuchItem:
            yield _missing("CreateAttachment")
            continue
        message = item.message
        number = len(list(message.iter_attachments()))
        main, _, sub = _text(one, "t:ContentType", "application/octet-stream").partition("/")
        content = base64.b64decode(_text(one, "t:Content"))
        message.add_attachment(content, maintype=main, subtype=sub, filename=_text(one, "t:Name"))
        item.raw = message.as_bytes()
        box.touch(item)
        made = T.AttachmentId(Id=f"{item.id}/{number}", RootItemId=item.id, RootItemChangeKey=item.key)
        yield _success("CreateAttachment", M.Attachments(T.FileAttachment(made)))


def _get_attachment(asked: Element, box: Mailbox) -> Iterator[Element]:
    for one in _all(asked, "m:AttachmentIds/t:AttachmentId"):
        item_id, _, number = one.get("Id", "").rpartition("/")
        try:
            item = box.item(item_id)
        except NoSuchItem:
            yield _missing("GetAttachment")
            continue
        part = list(item.message.iter_attachments())[int(number)]
        shown = _attachment(item, int(number), part, content=True)
        yield _success("GetAttachment", M.Attachments(shown))


def _sync_folder_items(asked: Element, box: Mailbox) -> Iterator[Element]:
    folder = _folder_of(_all(asked, "m:SyncFolderId/*")[0])
    most = int(_text(asked, "m:MaxChangesReturned", "512"))
    try:
        changes, state, last = box.changes(folder, _text(asked, "m:SyncState"), most)
    except UnknownState:
        yield _error("SyncFolderItems", "ErrorInvalidSyncStateData", "Synchronization state data is corrupt.")
        return
    shape = asked.find("m:ItemShape", NS)
    told = [T(kind, T.ItemId(Id=one) if kind == "Delete" else _shown(box.item(one), shape)) for kind, one in changes]
    parts = (M.SyncState(state), M.IncludesLastItemInRange(str(last).lower()), M.Changes(*told))
    yield _success("SyncFolderItems", *parts)


def _resolve_names(asked: Element, box: Mailbox) -> Iterator[Element]:
    del box
    entry = _text(asked, "m:UnresolvedEntry").removeprefix("smtp:")
    address = entry if "@" in entry else f"{entry}@operador.example"
    mailbox = T.Mailbox(T.Name(entry), T.EmailAddress(address), T.RoutingType("SMTP"), T.MailboxType("Mailbox"))
    parts = [mailbox]
    if _yes(asked.get("ReturnFullContactData")):
        parts.append(T.Contact(T.DisplayName(entry), T.EmailAddresses(T.Entry(f"SMTP:{address}", Key="EmailAddress1"))))
    found = M.ResolutionSet(T.Resolution(*parts), TotalItemsInView="1", IncludesLastItemInRange="true")
    yield _success("ResolveNames", found)


def _convert_id(asked: Element, box: Mailbox) -> Iterator[Element]:
    """What is asked of it is the mailbox's address: a client that only has a user's name begins so."""
    kind = f"{{{XSI_NS}}}type"
    for one in _all(asked, "m:SourceIds/t:AlternateId"):
        made = M.AlternateId(Format=asked.get("DestinationFormat", ""), Id=one.get("Id", ""), Mailbox=box.address)
        made.set(kind, "t:AlternateIdType")
        yield _success("ConvertId", made)


OPERATIONS: dict[str, Callable[[Element, Mailbox], Iterator[Element]]] = {
    "GetFolder": _get_folder,
    "FindFolder": _find_folder,
    "FindItem": _find_item,
    "GetItem": _get_item,
    "CreateItem": _create_item,
    "UpdateItem": _update_item,
    "SendItem": _send_item,
    "MoveItem": _move_item,
    "DeleteItem": _delete_item,
    "CreateAttachment": _create_attachment,
    "GetAttachment": _get_attachment,
    "SyncFolderItems": _sync_folder_items,
    "ResolveNames": _resolve_names,
    "ConvertId": _convert_id,
}
