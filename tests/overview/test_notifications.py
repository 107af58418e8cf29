"""What people are told, through HTTP: who is told what, and that they have read it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from support.company import found_company
from support.served import Served, serve
from truestock.database import Database
from truestock.kernel import clock
from truestock.monitoring.model import Verification
from truestock.monitoring.operations import keep_verification
from truestock.overview.operations import forget_old_notifications
from truestock.stock.operations.ledger import Ledger

PASSWORD = "a long walk to the harbour"
WHERE = "/api/v1/notifications"


@dataclass
class Member:
    """Somebody signed in with a password."""

    client: httpx.AsyncClient
    asked: int = 0

    async def send(self, method: str, path: str, body: Any = None, version: int = 0) -> Any:
        self.asked += 1
        headers = {"Idempotency-Key": f"n-{self.asked}"}
        if version:
            headers["If-Match"] = f'"{version}"'
        answer = await self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def told(self, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(WHERE, params=query)).json()
        return found

    async def kinds(self) -> list[str]:
        return [each["kind"] for each in (await self.told(unread=True))["items"]]


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    await found_company(database)
    running = await serve(database)
    running.app.state.ledger = Ledger(database, clock.now)
    yield running
    await running.app.state.ledger.close()
    await running.close()


async def member(served: Served, login: str, password: str = PASSWORD) -> Member:
    client = served.client("")
    del client.headers["X-API-Key"]
    answer = await client.post("/api/v1/session", json={"login": login, "password": password})
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return Member(client)


async def boss_of(served: Served) -> Member:
    return await member(served, "boss", "correct horse battery")


async def hired(
    served: Served, boss: Member, login: str, role: str, site_ids: list[int] | None = None
) -> Member:
    person = {"login": login, "name": login.title(), "roles": [role], "site_ids": site_ids}
    secret = {"password": PASSWORD, "password_temporary": False}
    await boss.send("POST", "/users", person | secret)
    return await member(served, login)


async def asked_for_approval(boss: Member) -> None:
    types = await boss.send("GET", "/document-types")
    [receipt] = [each for each in types if each["type"] == "receipt"]
    wish = {"approval_needed": True, "four_eyes": True}
    await boss.send("PUT", "/document-types/receipt", wish, receipt["version"])


def receipt() -> dict[str, Any]:
    lines = [{"sku": "SKU-1", "quantity": 5}]
    return {"type": "receipt", "target_location": "BIN-1", "lines": lines}


async def test_a_draft_that_needs_approval_is_told_to_those_who_may_approve_it(
    served: Served,
) -> None:
    boss = await boss_of(served)
    await asked_for_approval(boss)
    buyer = await hired(served, boss, "ann", "buyer")
    manager = await hired(served, boss, "mia", "manager")
    elsewhere = await hired(served, boss, "ned", "manager", [1])
    draft = await buyer.send("POST", "/documents", receipt())
    assert await manager.kinds() == ["document.approval_needed"]
    assert (await buyer.kinds(), await elsewhere.kinds()) == ([], [])
    [notice] = (await boss.told())["items"]
    assert notice["subject_id"] == draft["document_id"]
    assert notice["facts"] == {"number": draft["number"], "by": "Ann"}

    path = f"/documents/{draft['document_id']}"
    changed = await buyer.send("PUT", path, receipt() | {"note": "soon"}, draft["version"])
    assert len(await manager.kinds()) == 1, "one that waits already is not told again"
    await manager.send("POST", f"{path}/approve", {}, changed["version"])
    assert await buyer.kinds() == ["document.approved"]
    assert await boss.kinds() == [], "nobody is asked for what is done"


async def test_who_wrote_a_document_is_told_what_others_did_with_it(served: Served) -> None:
    boss = await boss_of(served)
    buyer = await hired(served, boss, "ann", "buyer")
    first, second = [await buyer.send("POST", "/documents", receipt()) for _ in range(2)]
    path = f"/documents/{first['document_id']}"
    await boss.send("POST", f"{path}/post", {}, first["version"])
    await boss.send("POST", f"{path}/reverse", {"reason": "counted twice"})
    gone = f"/documents/{second['document_id']}/cancel"
    await boss.send("POST", gone, {"reason": "not ordered"}, second["version"])
    assert await buyer.kinds() == ["document.cancelled", "document.reversed"]
    assert await boss.kinds() == [], "one's own deeds are no news"


async def test_notices_are_read_one_by_one_or_all_and_only_by_their_reader(
    served: Served,
) -> None:
    boss = await boss_of(served)
    buyer = await hired(served, boss, "ann", "buyer")
    for role in ("operator", "dispatcher"):
        await buyer.send("POST", "/role-requests", {"role": role, "reason": "I help out."})
    newest, older = (await boss.told())["items"]
    assert (newest["kind"], newest["facts"]["role"]) == ("role.requested", "dispatcher")
    own = f"/notifications/{older['notification_id']}/read"
    not_hers = await buyer.client.post(f"/api/v1{own}", headers={"Idempotency-Key": "x"})
    assert (not_hers.status_code, not_hers.json()["code"]) == (404, "notification_unknown")
    await boss.send("POST", own)
    assert (await boss.told())["unread_count"] == 1
    await boss.send("POST", "/notifications/read", {"last_id": newest["notification_id"]})
    assert (await boss.told())["unread_count"] == 0
    page = await boss.told(limit=1)
    assert len(page["items"]) == 1
    rest = await boss.told(limit=1, cursor=page["next_cursor"])
    assert [each["notification_id"] for each in rest["items"]] == [older["notification_id"]]


async def test_an_answered_role_request_is_told_to_who_asked(served: Served) -> None:
    boss = await boss_of(served)
    second = await hired(served, boss, "adam", "admin")
    buyer = await hired(served, boss, "ann", "buyer")
    asked = await buyer.send("POST", "/role-requests", {"role": "operator"})
    answer = f"/role-requests/{asked['role_request_id']}/answer"
    await second.send("POST", answer, {"granted": True})
    assert await buyer.kinds() == ["role.granted"]
    assert await boss.kinds() == []


async def test_a_broken_rule_is_told_to_administrators(served: Served) -> None:
    boss = await boss_of(served)
    manager = await hired(served, boss, "mia", "manager")
    found = Verification(30, 0.1, [{"name": "a_rule", "sentence": "", "count": 1, "rows": []}])
    async with served.database.writing() as tx:
        await keep_verification(tx, found, datetime.now(UTC))
    assert await boss.kinds() == ["ledger.broken"]
    assert await manager.kinds() == []


async def test_old_notices_are_forgotten(served: Served) -> None:
    boss = await boss_of(served)
    buyer = await hired(served, boss, "ann", "buyer")
    await buyer.send("POST", "/role-requests", {"role": "operator"})
    for days, left in ((89, 1), (91, 0)):
        async with served.database.writing() as tx:
            await forget_old_notifications(tx, datetime.now(UTC) + timedelta(days=days))
        assert len((await boss.told())["items"]) == left
