"""A server of model repositories in this process: what huggingface_hub needs to fetch and to upload."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "c" * 40


class Hub:
    """Repositories by name, each a dict path → bytes; ``requests`` is what was asked."""

    def __init__(self) -> None:
        self.repos: dict[str, dict[str, bytes]] = {}
        self.requests: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def plain(self, content: Any, status: int = 200) -> None:
                self.answer(status, json.dumps(content).encode(), Content_Type="application/json")

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                hub.requests.append(f"{self.command} {self.path}")
                path = self.path.partition("?")[0]
                if found := re.fullmatch(r"/([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)", path):
                    content = hub.repos.get(found[1], {}).get(found[3])
                    if content is None:
                        code = "EntryNotFound" if found[1] in hub.repos else "RepoNotFound"
                        return self.answer(404, b"", X_Error_Code=code, X_Repo_Commit=COMMIT)
                    etag = f'"{hashlib.sha256(content).hexdigest()}"'
                    commit = hashlib.sha1(content).hexdigest()
                    return self.answer(200, content, ETag=etag, X_Repo_Commit=commit, Accept_Ranges="bytes")
                if found := re.fullmatch(r"/api/models/([\w.-]+/[\w.-]+)(/revision/.+|/tree/.+)?", path):
                    files = hub.repos.get(found[1])
                    if files is None:
                        return self.answer(404, b"{}", X_Error_Code="RepoNotFound")
                    if (found[2] or "").startswith("/tree"):
                        rows = [{"type": "file", "path": name, "size": len(b), "oid": "0"} for name, b in files.items()]
                        return self.plain(rows)
                    siblings = [{"rfilename": name} for name in files]
                    return self.plain({"id": found[1], "modelId": found[1], "sha": COMMIT, "siblings": siblings})
                return self.answer(404)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                hub.requests.append(f"POST {self.path}")
                path = self.path.partition("?")[0]
                if path == "/api/repos/create":
                    asked = json.loads(body)
                    name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
                    hub.repos.setdefault(name, {})
                    return self.plain({"url": f"{hub.address}/{name}", "id": name})
                if path == "/api/validate-yaml":
                    return self.plain({"errors": [], "warnings": []})
                if path.endswith("/preupload/main"):
                    files = [
                        {"path": each["path"], "uploadMode": "regular", "shouldIgnore": False}
                        for each in json.loads(body)["files"]
                    ]
                    return self.plain({"files": files})
                if found := re.fullmatch(r"/api/models/([\w.-]+/[\w.-]+)/commit/main", path):
                    for line in map(json.loads, body.splitlines()):
                        if line["key"] == "file":
                            content = base64.b64decode(line["value"]["content"])
                            hub.repos[found[1]][line["value"]["path"]] = content
                    url = f"{hub.address}/{found[1]}/commit/{COMMIT}"
                    return self.plain({"commitOid": COMMIT, "commitUrl": url, "success": True})
                return self.answer(404)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Ends the server."""
        self.server.shutdown()
        self.server.server_close()
