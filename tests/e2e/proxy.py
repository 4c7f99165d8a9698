"""A proxy that records every request to the API server. It terminates TLS with the cluster's CA."""

import http.client
import ssl

from contexts import HttpServer, SilentHandler


class Proxy(HttpServer):
    """Forwards every request to the API server, and every answer back, until the end of a context.

    `meddle(target)` is called before each request, and may answer it with (status, headers, body).
    """

    def __init__(self, plane, meddle=lambda target: None):
        # Every request (target, status, size of the body), and the targets of all POSTs.
        self.requests, self.posts = [], []
        upstream = ssl.create_default_context(cafile=plane.authority.file)
        proxy = self

        class Handler(SilentHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                answer = meddle(self.path)
                if answer is None:
                    answer = self.forward()
                status, headers, body = answer
                proxy.requests.append((self.path, status, len(body)))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")  # so that a new certificate is noticed soon
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                proxy.posts.append(self.path)
                self.do_GET()

            def forward(self):
                server = http.client.HTTPSConnection("127.0.0.1", plane.port, context=upstream)
                kept = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.request(self.command, self.path, sent, headers=kept)
                answer = server.getresponse()
                body = answer.read()
                server.close()
                wanted = ("content-type", "content-encoding", "retry-after")
                headers = [header for header in answer.getheaders() if header[0].lower() in wanted]
                return answer.status, headers, body

        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.num_tickets = 0  # a resumed session would not see a new certificate
        self.present(plane.authority)
        super().__init__(Handler, self.context)

    def present(self, authority):
        """Presents a certificate of that authority to every new client."""
        self.context.load_cert_chain(*authority.pair("proxy"))
