"""``python -m wechat.sandbox``: serve the stand-in until stopped."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from pathlib import Path
from types import FrameType

from wechat.sandbox.server import create_sandbox, open_server


def main() -> None:
    """Parse the command line and serve; SIGTERM and Ctrl-C end it cleanly."""
    parser = argparse.ArgumentParser(prog="python -m wechat.sandbox", description="A strict WeChat stand-in")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 takes a free port and prints it")
    parser.add_argument("--state", type=Path, help="journal file that keeps apps, people and inboxes")
    parser.add_argument("--event-retry-seconds", type=float, default=5.0)
    parser.add_argument(
        "--mail-port", type=int, default=0, help="0 takes a free one; /sandbox/health says which"
    )
    parser.add_argument("--sms-token", default="", help="bearer token the SMS gateway asks for")
    args = parser.parse_args()
    app = create_sandbox(
        journal=args.state,
        retry_seconds=args.event_retry_seconds,
        sms_token=args.sms_token,
        mail_port=args.mail_port,
    )
    server = open_server(app, args.host, args.port)
    signal.signal(signal.SIGTERM, _stop)
    print(f"WeChat sandbox on http://{args.host}:{server.server_port}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
