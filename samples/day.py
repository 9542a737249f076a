"""A working day for HR: invented candidates in every state, each brought there through the public doors.

Nothing is written past the API: everybody opens their link, proves their phone, records (the sample recordings) or writes,
and the real workers analyse it. That takes a few minutes, so the day fills in while somebody already looks at it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from samples.client import Phone
from samples.journey import COMPANIES, PASSWORD, RECORDINGS, Journey, iso, sign_in

_LOOK_SECONDS = 1.0
_PATIENCE = timedelta(minutes=20)


class Interrupted(Exception):
    """Somebody ended the demo while the day was being filled."""


def load_day(name: str = "sunrise") -> dict[str, Any]:
    """The people, positions and team of a company's day."""
    return json.loads((COMPANIES / f"{name}-day.json").read_text(encoding="utf-8"))


@dataclass
class Person:
    """One invented candidate: what they do, and what HR does once their report is there."""

    facts: dict[str, Any]
    journey: Journey

    @property
    def name(self) -> str:
        """As HR reads it."""
        return str(self.facts["name"])


@dataclass
class Day:
    """Fills a company with people. ``first`` is a journey whose company and first position are there."""

    first: Journey
    slug: str
    say: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    facts: dict[str, Any] = field(default_factory=load_day)
    share_link: str = ""

    def __post_init__(self) -> None:
        self.owner = sign_in(self.first.places, self.slug, self.first.company["owner"]["email"])
        self._positions: dict[str, str] = {}

    def prepare(self) -> None:
        """The rest of the positions and of the team, each a member of what they are to see."""
        for position in self.facts["positions"]:
            body = {name: value for name, value in position.items() if name != "key"}
            made = self.first.hr.post("/positions", body)["id"] if body else self.first.seen["position_id"]
            self._positions[position["key"]] = str(made)
        for member in self.facts["team"]:
            body = {name: value for name, value in member.items() if name != "positions"}
            person = self.owner.post("/users", {**body, "password": PASSWORD})["id"]
            for key in member["positions"]:
                self.owner.put(f"/positions/{self._positions[key]}/members/{person}", {})

    def fill(self) -> list[Person]:
        """Everybody does what they do; then HR does, as reports come. Raises Interrupted."""
        self.prepare()
        people = []
        for facts in self.facts["people"]:
            people.append(self._come(facts))
            self.say(f"  {facts['name']}: {'finished' if facts['then'] else facts['state']}")
        self._follow([one for one in people if one.facts["then"]])
        return people

    # --- candidates ---

    def _come(self, facts: dict[str, Any]) -> Person:
        profile = {"name": facts["name"], "phone": facts["phone"], "time_zone": "Asia/Shanghai"}
        base = self.first
        journey = Journey(base.places, base.program, base.hr, base.company, profile | {"language": "zh-CN"})
        ends = datetime.now(UTC) + timedelta(hours=facts["window_hours"])
        journey.invite(self._positions[facts["position"]], ends)
        person = Person(facts, journey)
        for step in facts["does"]:
            if self.stop.is_set():
                raise Interrupted
            self._do(person, step)
        return person

    def _do(self, person: Person, step: Any) -> None:
        """A word, [question, recording or text], or {what: words}."""
        journey = person.journey
        if isinstance(step, list):
            question, answer = step
            if isinstance(answer, str):
                journey.answer(question, RECORDINGS / answer)
            else:
                journey.write(question, answer["text"])
        elif isinstance(step, dict) and "problem" in step:
            journey.me.post("/candidate/thread", {"body": step["problem"], "context": step["context"]})
        elif isinstance(step, dict):
            journey.me.post("/candidate/decline", {"reason": step["decline"]})
        elif step.startswith("enter"):
            journey.open_link()
            journey.consent(
                ("recording", "voice") if "without face" in step else ("recording", "voice", "face")
            )
            journey.subscribe()
        elif step == "book":
            evening = datetime.now(UTC) + timedelta(hours=26)
            journey.me.put(
                "/candidate/slot", {"slot_at": iso(evening.replace(minute=0, second=0, microsecond=0))}
            )
        elif step == "erase":
            self.owner.put(f"/candidates/{journey.seen['candidate_id']}/erasure", {})
        else:
            getattr(journey, step)()

    # --- HR ---

    def _follow(self, waiting: list[Person]) -> None:
        deadline = datetime.now(UTC) + _PATIENCE
        while waiting and datetime.now(UTC) < deadline:
            still = []
            for person in waiting:
                if self._is_scored(person):
                    for step in person.facts["then"]:
                        self._react(person, step)
                    self.say(f"  {person.name}: {person.facts['state']}")
                else:
                    still.append(person)
            waiting = still
            if self.stop.wait(_LOOK_SECONDS):
                raise Interrupted
        if waiting:
            raise TimeoutError(f"no report for {', '.join(one.name for one in waiting)}")

    def _is_scored(self, person: Person) -> bool:
        status = self.first.hr.get(f"/interviews/{person.journey.interview_id}")["status"]
        return status in {"scored", "decided"}

    def _react(self, person: Person, step: dict[str, Any]) -> None:
        (what,) = step
        interview, hr = f"/interviews/{person.journey.interview_id}", self.first.hr
        if what == "decide":
            hr.post(f"{interview}/decision", step[what])
        elif what == "owner_decides":  # so that the recruiter may answer the appeal
            self.owner.post(f"{interview}/decision", step[what])
        elif what == "appeal":
            person.journey.me.post("/candidate/appeal", {"reason": step[what]})
        elif what == "comment":
            hr.post(f"{interview}/comments", {"body": step[what]})
        elif what == "review":
            hr.put(f"{interview}/review", step[what])
        else:
            lead = step[what]
            Phone.of(self.first.places.sandbox_url, lead["name"], lead["phone"], self.first.program.app_id)
            self.share_link = str(hr.post(f"{interview}/shares", lead)["link"])
