"""Programs and HTTP servers that run until the end of a context, and combinations of them."""

import contextlib
import http.server
import os
import subprocess
import threading


class Process:
    """A program whose output goes into a log, unless an option of Popen says otherwise."""

    def __init__(self, *command, log=os.devnull, **options):
        with open(log, "ab") as file:
            self.process = subprocess.Popen(command, **{"stdout": file, "stderr": file} | options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Terminates the program, kills it after twenty seconds, and returns its exit status."""
        self.process.terminate()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class HttpServer:
    """An HTTP server on a free port of loopback, in threads of its own."""

    def __init__(self, handler, tls=None):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class SilentHandler(http.server.BaseHTTPRequestHandler):
    """A handler of requests that prints nothing."""

    def log_message(self, *_):
        pass


class Setup(contextlib.ExitStack):
    """Everything that `_begin` sets up; what had been set up is taken down if it fails midway."""

    def __enter__(self):
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        return self
