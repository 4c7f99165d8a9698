"""What requests cost an API server: CPU time of its process beyond what it needs without them."""

import os
import pathlib
import time

PROTOBUF = "application/vnd.kubernetes.protobuf"
TLS_SECRETS = "/api/v1/secrets?fieldSelector=type%3Dkubernetes.io%2Ftls"


# The seconds before and after some work in which the API server's idle rate is measured.
IDLE = 6


class Costs:
    """The CPU time of an API server and the requests that it has counted."""

    def __init__(self, plane):
        self.plane = plane

    def of(self, work):
        """Returns the CPU time (seconds) that the API server needs for some work, less what it needs anyway."""
        before, (spent, lasted), after = self.rate(), self.measure(work), self.rate()
        return spent - lasted * (before + after) / 2

    def rate(self):
        spent, lasted = self.measure(lambda: time.sleep(IDLE))
        return spent / lasted

    def measure(self, work):
        """Returns the CPU time for some work, and how long it lasted (seconds)."""
        cpu, began = self.cpu(), time.monotonic()
        work()
        return self.cpu() - cpu, time.monotonic() - began

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.plane.api_server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def requests(self, verb, resource="secrets"):
        """Returns how many requests of that kind the API server has answered."""
        lines = self.plane.request("GET", "/metrics")[2].decode().splitlines()
        of_kind = [line for line in lines if line.startswith("apiserver_request_total{")
                   and f'resource="{resource}"' in line and f'verb="{verb}"' in line]
        return sum(int(float(line.rpartition(" ")[2])) for line in of_kind)

    def list(self, **query):
        """Returns the size in bytes of a complete list of TLS secrets in protobuf."""
        more = "".join(f"&{name}={value}" for name, value in query.items())
        status, _, body = self.plane.request("GET", TLS_SECRETS + more, headers={"Accept": PROTOBUF})
        assert status == 200, body
        return len(body)
