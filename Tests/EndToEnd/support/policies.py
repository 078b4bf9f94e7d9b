"""A plain model of who may do what, and random grants, events and calls to compare a hub with."""

from copy import copy

from .sse import sequence

KINDS = ("a", "b", "c")
RESOURCES = [f"{kind}:{n}" for kind in KINDS for n in (1, 2, 3)]
WILD = [f"{kind}:*" for kind in KINDS]
SUBJECTS = ("1", "2", "*", "a", "a:*", None)
RIGHTS = ("read", "write", "work")
# What each right, or `admin`, allows: a request, and its status when it is allowed.
RIGHTS_CALLS = [
    ("read", "GET", "/api/v1/jobs?limit=1", 200),
    ("read", "GET", "/api/v1/jobs/x/progress", 404),
    ("write", "POST", "/api/v1/jobs/x/cancel", 404),
    ("work", "POST", "/api/v1/jobs/claim", 422),
    ("admin", "GET", "/events/status", 200),
    ("admin", "GET", "/metrics", 200),
]


def covers(patterns, name):
    """Whether patterns allow a resource, or all of a pattern; `presence:R` is allowed with R."""
    while name.startswith("presence:"):
        name = name.removeprefix("presence:")
    return "*" in patterns or name in patterns or name.split(":")[0] + ":*" in patterns


def matches(names, resource):
    """Whether one who asks for names receives a resource."""
    return resource in names or resource.split(":")[0] + ":*" in names


class Grants:
    """Random grants as a claim has them, and the patterns that they mean."""

    def __init__(self, random, anonymous):
        self.subject = random.choice(SUBJECTS)
        self.claim = {
            "subscribe": self._patterns(random),
            "publish": self._patterns(random),
            "jobs": [right for right in RIGHTS if random.random() < 0.3],
            "admin": random.random() < 0.2,
        }
        self.has_credentials = random.random() < 0.85
        if not self.has_credentials:
            self.claim = {"subscribe": [], "publish": [], "jobs": [], "admin": False}
        self.anonymous = set(anonymous)
        self.subscribe = self._meaning("subscribe") | self.anonymous
        self.publish = self._meaning("publish")

    @staticmethod
    def _patterns(random):
        pool = random.choices(
            [RESOURCES, WILD, ["*"], ["a:{sub}", "{sub}:1", "{sub}"], ["presence:a:1"]],
            weights=[60, 20, 4, 12, 4],
            k=random.randrange(6),
        )
        return [random.choice(choices) for choices in pool]

    def _meaning(self, call):
        found = set()
        for pattern in self.claim[call]:
            if "{sub}" not in pattern:
                found.add(pattern)
            elif self.subject is not None:
                text = pattern.replace("{sub}", self.subject)
                # A subject is text: what it would make a pattern of grants nothing.
                if text != "*" and not text.endswith(":*"):
                    found.add(text)
        return {pattern for pattern in found if not pattern.startswith("presence:")}

    def refusal(self, patterns, names):
        """The status, reason and resource with which a call for names is refused, or `None`."""
        for name in names:
            if not covers(patterns, name):
                return (403, "resource", name) if self.has_credentials else (401, "missing", None)
        return None

    def may(self, right):
        """Whether a right over jobs, or `admin`, is among the grants."""
        return self.claim["admin"] if right == "admin" else right in self.claim["jobs"]

    def narrowed(self, names):
        """The grants of a ticket for names; what is anonymous is among them."""
        ticket = copy(self)
        ticket.subscribe = set(names) | self.anonymous
        return ticket

    def shown(self, resources):
        """The resources of an event that the receiver is told."""
        return [resource for resource in resources if covers(self.subscribe, resource)]


class Log:
    """All events of a hub, and what its resources retain."""

    def __init__(self):
        self.events = []
        self.state = {}

    def add(self, identifier, resources, retain):
        """Takes an event that the hub took."""
        self.events.append((identifier, resources))
        if retain:
            for resource in resources:
                self.state[resource] = (identifier, resources)

    def after(self, cursor, names, grants):
        """The events behind a cursor that a receiver of names gets, with what it is told of each."""
        return [
            (identifier, grants.shown(resources))
            for identifier, resources in self.events[-40:]
            if sequence(identifier) > sequence(cursor)
            and any(matches(names, resource) for resource in resources)
        ]

    def retained(self, names, grants):
        """The retained events that a receiver of names gets, with what it is told of each."""
        found = {
            identifier: grants.shown(resources)
            for resource, (identifier, resources) in self.state.items()
            if matches(names, resource)
        }
        return sorted(found.items(), key=lambda item: sequence(item[0]))
