"""A fake of the part of Wix's API that a generated handler calls: app tokens and data items.

It is no emulator: it keeps items in memory, knows filters by equality and by an earlier date and one sort field, and
refuses a second insert of an id the way the real one does (HTTP 409, application error WDE0074).
Paths and bodies are those that `@wix/wix-data-items-sdk` 1.0.521 and the `AppStrategy` of `@wix/sdk` send, read off here;
answers are of the types in `@wix/wix-data-items-common` (`dist/types/types/data-item-types.d.ts`). A query is a GET with its
body as base64 JSON in `.r`. A query answers with 50 items unless it asks for more, of which a page and a bulk removal take
1,000 at most. Nothing of this was seen at the real Wix.
"""

from __future__ import annotations

import base64
import json
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

Item = dict[str, Any]
Answer = tuple[int, dict[str, Any]]

APP_TOKEN = "the-app's-token"


class FakeDataApi:
    """Serve the fake on a free local port while the context is open.

    Attributes:
        items: What is stored, by collection and id.
        calls: The operations that were called, `token` among them.
        refuse: Operations (`insert`, `query`, `update`, `remove`) of which the next call fails with HTTP 500.
        random: What `Math.random` returns in the server from the next answer on, see `redirect_wix_apis.mjs`.
    """

    def __init__(self) -> None:
        """Take a port; nothing is served yet."""
        self.items: dict[tuple[str, str], Item] = {}
        self.calls: list[str] = []
        self.refuse: list[str] = []
        self.random = "0.5"
        self._lock = threading.Lock()
        self._meeting: dict[str, threading.Barrier] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Return the address that stands for https://www.wixapis.com."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeDataApi:
        """Start to serve."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """Forget all items, calls and arrangements."""
        with self._lock:
            self.items, self.calls, self.refuse, self._meeting = {}, [], [], {}
            self.random = "0.5"

    def let_meet(self, operation: str, count: int) -> None:
        """Answer the first calls of an operation once so many have arrived: each caller then acts on the same state."""
        self._meeting[operation] = threading.Barrier(count, timeout=20)

    def answer(self, path: str, body: dict[str, Any], token: str | None) -> Answer:
        """Return status and body for one request.

        Args:
            path: Of the request, without its query.
            body: Of the request.
            token: What the caller gave as `Authorization`; only an elevated call has the app's.
        """
        if path == "/oauth2/token":
            self.calls.append("token")
            return 200, {"access_token": APP_TOKEN, "expires_in": 3600}
        if token != APP_TOKEN:
            return 403, {"message": "The fake serves elevated calls only."}
        operation = {
            "/wix-data/v2/items": "insert",
            "/wix-data/v2/items/query": "query",
            "/wix-data/v2/items/update": "update",
            "/wix-data/v2/bulk/items/remove": "remove",
        }.get(path)
        if operation is None:
            return 404, {"message": f"The fake does not know {path}."}
        if meeting := self._meeting.get(operation):
            meeting.wait()
            self._meeting.pop(operation, None)
        with self._lock:
            self.calls.append(operation)
            if operation in self.refuse:
                self.refuse.remove(operation)
                return 500, {"message": f"The fake was told to refuse this {operation}."}
            result: Answer = getattr(self, f"_{operation}")(body["dataCollectionId"], body)
            return result

    def _insert(self, collection: str, body: dict[str, Any]) -> Answer:
        item = body["dataItem"]
        key = (collection, item.get("id") or item["data"]["_id"])
        if key in self.items:
            return 409, _error("WDE0074", f"Item [{key[1]}] already exists in collection [{collection}].")
        return self._store(key, item["data"])

    def _update(self, collection: str, body: dict[str, Any]) -> Answer:
        item = body["dataItem"]
        key = (collection, item.get("id") or item["data"]["_id"])
        if key not in self.items:
            return 404, _error("WDE0073", f"Item [{key[1]}] does not exist in collection [{collection}].")
        return self._store(key, item["data"])

    def _query(self, collection: str, body: dict[str, Any]) -> Answer:
        query = body["query"]
        found = [
            data
            for (name, _), data in self.items.items()
            if name == collection and all(_fits(data.get(k), v) for k, v in query.get("filter", {}).items())
        ]
        for sort in query.get("sort", []):
            found.sort(key=lambda data: data[sort["fieldName"]], reverse=sort.get("order") == "DESC")
        limit = query.get("paging", {}).get("limit", 50)
        if limit > 1000:
            return 400, {"message": "The fake gives 1,000 items at most."}
        found = found[:limit]
        return 200, {
            "dataItems": [{"id": data["_id"], "data": data} for data in found],
            "pagingMetadata": {"count": len(found), "offset": 0, "total": len(found)},
        }

    def _remove(self, collection: str, body: dict[str, Any]) -> Answer:
        ids = body["dataItemIds"]
        if not 0 < len(ids) <= 1000:
            return 400, {"message": "The fake removes 1 to 1,000 items."}
        for id_ in ids:
            self.items.pop((collection, id_), None)
        results = [
            {"action": "DELETE", "itemMetadata": {"id": id_, "originalIndex": index, "success": True}}
            for index, id_ in enumerate(ids)
        ]
        return 200, {
            "results": results,
            "bulkActionMetadata": {"totalSuccesses": len(ids), "totalFailures": 0},
        }

    def _store(self, key: tuple[str, str], data: Item) -> Answer:
        self.items[key] = {**data, "_id": key[1]}
        return 200, {"dataItem": {"id": key[1], "dataCollectionId": key[0], "data": self.items[key]}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                packed = parse_qs(urlsplit(self.path).query)[".r"][0]
                self._answer(base64.b64decode(packed + "=" * (-len(packed) % 4)))

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body: bytes) -> None:
                path, token = urlsplit(self.path).path, self.headers["Authorization"]
                status, answer = api.answer(path, json.loads(body), token)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Math-Random", api.random)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet: tests read `calls`."""

        return Handler


def _fits(value: Any, wanted: Any) -> bool:
    """Tell whether a field is what a filter wants of it."""
    if not isinstance(wanted, dict) or "$lt" not in wanted:
        return bool(value == wanted)
    dates = (found["$date"].replace("Z", "+00:00") for found in (value, wanted["$lt"]))
    earlier, later = map(datetime.fromisoformat, dates)
    return earlier < later


def _error(code: str, description: str) -> dict[str, Any]:
    return {
        "message": f"{code}: {description}",
        "details": {"applicationError": {"code": code, "description": description, "data": {}}},
    }
