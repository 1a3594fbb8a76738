"""One event, and everybody who may or may not have to do with it."""

from dataclasses import dataclass
from uuid import uuid4

from integration.api.client import Client
from integration.changes.world import World

#: Stands in everything that only the event's own people may read.
SECRET = "7f3a-secret"


@dataclass
class Scene:
    """An event that `organizer` has called, with one participant who knows of it from a notification."""

    event_id: str
    notification_id: str
    participant_id: str
    people: dict[str, Client]

    def fill(self, path: str, *, missing: bool = False) -> str:
        """The path of a route with the event's ids, or with ids of the same kind that name nothing."""
        ids = {
            "event_id": self.event_id,
            "notification_id": self.notification_id,
            "user_id": self.participant_id,
        }
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", str(uuid4()) if missing else value)
        return path


#: Who the roles are, in words.
ROLES = {
    "organizer": "has called the meeting",
    "participant": "is invited",
    "removed": "was invited and is not any more",
    "stranger": "has an account",
    "erased": "was invited and has been erased since",
    "nobody": "has no token",
}


def set_scene(world: World, number: int) -> Scene:
    """An event of new people, one in each role; nobody has looked at anything yet."""

    people = {role: world.person(f"{role}-{number}", name=role) for role in ROLES if role != "nobody"}
    people["nobody"] = Client(world.handler, None)
    for role in ("organizer", "participant"):
        assert people[role].patch("/v1/me", {"full_name": f"{role} {SECRET}"}).status == 200
    organizer, participant = people["organizer"], people["participant"]
    event = world.plan(
        organizer,
        people["removed"],
        people["erased"],
        title=f"Title {SECRET}",
        description=f"Description {SECRET}",
        location=f"Location {SECRET}",
        uid=f"uid {number} {SECRET}",
    )
    path = f"/v1/events/{event['id']}/participants"
    removed = organizer.delete(f"{path}/{people['removed'].id}")
    erased = people["erased"].delete("/v1/me")
    # A wave of its own: its notification is nobody else's.
    added = organizer.post(path, {"participant_ids": [participant.id]})
    assert (removed.status, erased.status, added.status) == (204, 204, 200)
    world.deliver(event)
    notified = participant.get("/v1/notifications").json["items"]
    return Scene(event["id"], notified[0]["id"], participant.id, people)
