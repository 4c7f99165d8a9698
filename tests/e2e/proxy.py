"""A proxy before the API server, which counts and can be told to meddle. It ends TLS with the cluster's CA."""

import http.client
import http.server
import ssl
import threading


class Proxy:
    """Every request goes on to the API server as it came, and every answer back, unless `meddle` says otherwise.

    `meddle(target)` is called before each request, and may answer it itself with (status, content type, body).
    """

    def __init__(self, plane, meddle=lambda target: None):
        # What was asked, and of that what was no GET.
        self.requests, self.posts, self.meddle = [], [], meddle
        self.upstream = ssl.create_default_context(cafile=plane.authority.file)
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                answer = proxy.meddle(self.path)
                if answer is None:
                    answer = self.forward()
                status, headers, body = answer
                proxy.requests.append((self.path, status, len(body)))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")  # so that a new certificate is soon seen
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                proxy.posts.append(self.path)
                self.do_GET()

            def forward(self):
                server = http.client.HTTPSConnection("127.0.0.1", plane.port, context=proxy.upstream)
                kept = {it: self.headers[it] for it in self.headers if it.lower() != "host"}
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                server.request(self.command, self.path, sent, headers=kept)
                answer = server.getresponse()
                body = answer.read()
                server.close()
                wanted = ("content-type", "content-encoding", "retry-after")
                return answer.status, [it for it in answer.getheaders() if it[0].lower() in wanted], body

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.num_tickets = 0  # a resumed session would not look at a new certificate
        self.show(plane.authority)
        self.server.socket = self.context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def show(self, authority):
        """From now on shows a certificate of that authority to who connects anew."""
        self.context.load_cert_chain(*authority.pair("proxy", addresses=["127.0.0.1"]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
