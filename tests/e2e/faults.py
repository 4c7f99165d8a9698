"""The faults between notafter and the API server, in the order of docs/reliability.md."""

import bodies
import disasters
import outages
import watches
from fault import (
    SECRETS, Fault, of_connections, of_operators, of_pages, of_secrets, of_the_server, of_watches, survived,
)
from outages import at_first, head_of, refuse

NO_CONNECTION, NO_ANSWER = "no connection to the API server", "no complete answer within"
CUT_OFF, NO_LIST = "it was cut off", "the answer is not a list"
IS_HTML, TOO_LARGE = "is a proxy in between?", "an answer is larger than"
NOWHERE = "requests in one poll led nowhere"
UNTRUSTED, HEAD = "invalid peer certificate", b"HTTP/1.1 200 OK\r\nContent-Ty"


def is_list(request):
    return request.resource == SECRETS and "watch=" not in request.target


def of_certificates(name, make):
    return of_the_server(name, None, UNTRUSTED, begins=disasters.present(make))


def of_redirects(status):
    return Fault(f"{status}, a redirect to another server", disasters.redirect(status), str(status),
                 begins=disasters.begin_redirect)


CONNECTIONS = (
    of_the_server("Connections are refused", None, NO_CONNECTION, is_silent=True, begins=disasters.refuse_connections),
    of_connections("Connections are accepted, and nothing is said", outages.stall, NO_CONNECTION),
    of_connections("Connections are reset at once", outages.reset, NO_CONNECTION),
    of_the_server("The name of the API server cannot be resolved", None, NO_CONNECTION, is_silent=True,
                  begins=disasters.forget_the_name),
    of_the_server("Answers are reset in the middle of their head", head_of(HEAD, outages.reset), NO_CONNECTION),
    of_the_server("Answers end in the middle of their head", head_of(HEAD, outages.close), NO_CONNECTION),
    Fault("Answers stall in the middle of their head", head_of(HEAD, outages.stall), NO_ANSWER),
    of_the_server("Garbage instead of HTTP", outages.say(b"SSH-2.0-OpenSSH_9.2\r\n"), NO_CONNECTION),
    of_the_server("A head that never ends", outages.endless_head, NO_CONNECTION),
    of_the_server("A header of 1 MiB", outages.huge_header, NO_CONNECTION),
    survived("HTTP/1.0 instead of HTTP/1.1", outages.as_http_1_0),
    survived("Every answer is 0.3 s late", outages.delayed),
    Fault("Every list but the secrets stalls", outages.stall, NO_ANSWER,
          hits=lambda request: request.resource != SECRETS, down=lambda resource: resource != SECRETS),
)
TLS = (
    of_connections("The handshake stalls", outages.stall_in_handshake, NO_CONNECTION),
    of_connections("No TLS at the port of the API server", outages.say(b"HTTP/1.0 400 Bad Request\r\n\r\n"),
                   NO_CONNECTION),
    of_certificates("A certificate of an unknown CA", disasters.of_a_stranger),
    of_certificates("A certificate for another name", disasters.of_another_name),
    of_certificates("An expired certificate", disasters.expired),
    of_the_server("A new CA, which is mounted later", None, UNTRUSTED, passes=True, is_of_the_server=False,
                  begins=disasters.replace_authority, mend=disasters.mount_authority),
)
REFUSALS = (
    of_the_server("401 to everything", refuse(401), "rejects the credentials (401)"),
    of_secrets("403 to one list of secrets", at_first(1, refuse(403)), "(403)", hits=is_list, at_start=True,
               passes=True),
    of_secrets("403 to two lists of secrets", at_first(2, refuse(403)), 'resources: ["secrets"]', hits=is_list,
               at_start=True, passes=True),
    Fault("403 to the first request for each list", at_first(1, refuse(403)), "(403)", passes=True, may_blink=True),
    Fault("403 to everything", refuse(403), 'resources: ["secrets"]'),
    of_secrets("404 for secrets", refuse(404), "does not have the resource (404)"),
    Fault("406 to everything", refuse(406), "406 Not Acceptable"),
    Fault("408 to everything", refuse(408), "408 Request Timeout"),
    Fault("410 to everything", refuse(410), "(410)"),
    Fault("429 to everything", refuse(429), "429 Too Many Requests"),
    Fault("429 to everything, with Retry-After: 3600", refuse(429, "busy", ("Retry-After", "3600")),
          "429 Too Many Requests"),
    Fault("500 to everything", refuse(500), "500 Internal Server Error"),
    Fault("502 to everything", refuse(502), "502 Bad Gateway"),
    Fault("503 to everything", refuse(503), "503 Service Unavailable"),
    Fault("504 to everything", refuse(504), "504 Gateway Timeout"),
    Fault("ResourceVersionTooLarge to everything", outages.too_large_a_version, "ResourceVersionTooLarge"),
    survived("ResourceVersionTooLarge to whatever names a version", outages.too_large_a_version,
             "ResourceVersionTooLarge", hits=lambda request: "resourceVersion=" in request.target),
)
PROXIES = (
    of_redirects(301),
    of_redirects(302),
    of_redirects(307),
    Fault("A login page with status 200", outages.reply(outages.LOGIN, outages.HTML), IS_HTML),
    Fault("An empty body with status 200", outages.reply(b"", outages.JSON), NO_LIST),
    of_secrets("JSON instead of protobuf", outages.reply(b'{"kind":"SecretList","items":[]}', outages.JSON), IS_HTML),
    of_secrets("The wrong Content-Type", outages.with_header("Content-Type", "application/octet-stream"), IS_HTML),
    of_secrets("An unknown Content-Encoding", outages.with_header("Content-Encoding", "br"), r"its encoding is \"br\""),
    of_secrets("The answer to another request, in protobuf", outages.for_another("/api/v1/services"), NO_LIST),
    of_operators("The answer to another request, in JSON",
                 outages.for_another("/apis/apiextensions.k8s.io/v1/customresourcedefinitions"), NO_LIST),
)
BODIES = (
    of_secrets("A body that is longer than its Content-Length", bodies.of_length(-10), CUT_OFF, spares_empty=True),
    of_secrets("A body that is shorter than its Content-Length", bodies.of_length(10), CUT_OFF),
    of_secrets("A truncated body in protobuf", bodies.truncated, CUT_OFF, spares_empty=True),
    of_operators("A truncated body in JSON", bodies.truncated, CUT_OFF, at_start=True),
    of_secrets("A chunked body without its end", bodies.broken_off(1, outages.close), CUT_OFF),
    of_secrets("A body that is reset in its middle", bodies.broken_off(0.5, outages.reset), CUT_OFF),
    of_secrets("A body that stalls in its middle", bodies.broken_off(0.5, outages.stall), NO_ANSWER),
    of_secrets("A body of one byte a second", bodies.dripping, NO_ANSWER),
    of_secrets("A body that never ends, in protobuf", bodies.endless, TOO_LARGE),
    of_operators("A body that never ends, in JSON", bodies.endless, TOO_LARGE, at_start=True),
    of_secrets("A gzip bomb", bodies.bomb, TOO_LARGE),
    of_secrets("Damaged gzip", bodies.damaged_gzip, NO_LIST),
)
PAGES = (
    of_pages("Empty pages for ever", bodies.page("next"), NOWHERE),
    of_pages("The same page for ever", bodies.first_page, NOWHERE),
    of_pages("Pages with 20 new objects for ever", bodies.page("next", 20), "list failed", requests=50),
    of_pages("410 to every page", refuse(410), "(410)"),
    of_pages("Pages that stall in their middle", bodies.broken_off(0.5, outages.stall), NO_ANSWER),
)
WATCHES = (
    of_watches("403 to every watch", refuse(403)),
    of_watches("405 to every watch", refuse(405)),
    of_watches("410 to every watch", refuse(410), ""),
    of_watches("Watches that end early", outages.reply(b"", outages.JSON)),
    of_watches("Watches that never end", watches.stalled_watch),
    of_watches("Watches with a malformed event", watches.only(lambda _: b"\0\0\0\x04\xff\xff\xff\xff{\n")),
    of_watches("Watches with an event of 4 GiB", watches.only(lambda _: b"\xff\xff\xff\xff")),
    of_watches("Watches with an ERROR event: too old", watches.only(watches.expired_event), ""),
    of_watches("Watches with a bookmark older than they are", watches.watch(watches.then(watches.old_bookmark)),
               "reading the whole list again"),
    of_watches("Watches with every event twice", watches.watch(watches.twice), ""),
    of_watches("Watches that lose every event", watches.watch(watches.lost), "the watch had not reported",
               is_lossy=True, within=30),
    of_watches("A login page instead of every watch", outages.reply(outages.LOGIN, outages.HTML)),
)
SERVERS = (
    of_the_server("The API server stops, and starts again", None, NO_CONNECTION, is_silent=True, is_offline=True,
                  begins=disasters.stop_api_server),
    Fault("The API server restarts with an older etcd", None, NO_CONNECTION, is_silent=True, is_offline=True,
          passes=True, may_blink=True, warnings=60, within=20, begins=disasters.restore_etcd),
)
TIME = (
    survived("The clock jumps an hour ahead", None, is_silent=True, offset=3600, begins=disasters.shift_clock),
    survived("The clock jumps half an hour back", None, is_silent=True, offset=-1800, begins=disasters.shift_clock),
    Fault("The process is stopped for five seconds", None, is_silent=True, may_blink=True, passes=True,
          begins=disasters.suspend),
)
SECTIONS = {
    "The connection": CONNECTIONS, "TLS": TLS, "Refusals": REFUSALS, "Proxies in between": PROXIES, "Bodies": BODIES,
    "Pages, at the start": PAGES, "Watches": WATCHES, "The server": SERVERS, "Time": TIME,
}
