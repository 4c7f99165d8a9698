"""A fault, and what is expected of notafter while it lasts."""

import dataclasses
import typing

SECRETS, OPERATORS = "secrets", "clusterserviceversions.operators.coreos.com"


def everything(_):
    return True


def nothing(_):
    return False


def begin_at_proxy(fault, subject):
    subject.proxy.begin(fault)
    return subject.proxy.end


@dataclasses.dataclass(frozen=True)
class Fault:
    """A fault between the API server and one exporter."""

    name: str
    # What becomes of a request that is hit (or of a connection).
    act: typing.Callable = None
    # A part of the log. Without one, nothing may be logged that is worth a warning.
    log: str = ""
    hits: typing.Callable = everything
    # The lists whose `notafter_list_up` becomes 0.
    down: typing.Callable = everything
    # Whether those lists are up again before the fault ends, perhaps after something was mended.
    passes: bool = False
    mend: typing.Callable = None
    # Whether some lists may be down for a moment, depending on when the fault hits them.
    may_blink: bool = False
    # Begins the fault for an exporter, and returns the function that ends it.
    begins: typing.Callable = begin_at_proxy
    # Whether it hits connections instead of requests, and whether it leaves none to be counted.
    is_of_connections: bool = False
    is_silent: bool = False
    # Whether the exporter starts while the fault lasts.
    at_start: bool = False
    # Whether nothing can be changed in the cluster while it lasts.
    is_offline: bool = False
    # Whether events are lost, so that a list has to find what a watch has not reported.
    is_lossy: bool = False
    # Whether it leaves an empty answer as it is, which says that nothing has changed.
    spares_empty: bool = False
    # The seconds by which the exporter's clock is ahead.
    offset: int = 0
    # Whether it is one of the server, which one request finds for all lists.
    is_of_the_server: bool = False
    # Whether the exporter must not know yet that something fails: it stops to watch when watches fail.
    is_fresh: bool = False
    # The most requests for each list and interval, warnings in the log, and resident memory in MiB.
    requests: int = 3
    warnings: int = 40
    memory: int = 64
    # The seconds until the lists must be down; without it, two intervals and deadlines.
    within: float = None

    def begin(self, subject):
        return self.begins(self, subject)


def of_the_server(name, act, log, **more):
    """Returns a fault that all lists share, so that one request finds it."""
    return Fault(name, act, log, **{"is_of_the_server": True, "warnings": 4} | more)


def of_connections(name, act, log, **more):
    return of_the_server(name, act, log, is_of_connections=True, **more)


def of_resource(resource):
    """Returns a constructor of faults of one list."""
    is_of = lambda request: request.resource == resource

    def fault(name, act, log, **more):
        return Fault(name, act, log, down=lambda name: name == resource, **{"hits": is_of, "warnings": 5} | more)

    return fault


of_secrets, of_operators = of_resource(SECRETS), of_resource(OPERATORS)


def of_pages(name, act, log, **more):
    """Returns a fault of the first poll, when secrets are read in pages."""
    is_page = lambda request: request.resource == SECRETS and "limit=" in request.target
    return of_secrets(name, act, log, hits=is_page, at_start=True, **{"requests": 9} | more)


def survived(name, act, log="", **more):
    """Returns a fault that no list shows, because the data are right."""
    return Fault(name, act, log, down=nothing, **more)


def of_watches(name, act, log="watch failed; listing metadata instead", **more):
    return survived(name, act, log, hits=lambda request: "watch=" in request.target, is_fresh=True, **more)
