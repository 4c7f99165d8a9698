"""notafter with the arguments of a variant of the manifests, and with the files of its pod."""

import pathlib
import ssl
import tempfile

from exporter import Exporter

USER, PASSWORD = "prometheus", "opensesame"
# With the bcrypt hash of that password, at the lowest cost.
WEB = """
tls_server_config: {{cert_file: {crt}, key_file: {key}}}
basic_auth_users: {{prometheus: $2b$04$aaaaaaaaaaaaaaaaaaaaaO/philcyPaszCxgIO5X85ITTKkXYvwbO}}
"""


class Installed(Exporter):
    """A notafter whose certificate is verified, unless it is self-signed."""

    def __init__(self, plane, variant, **more):
        crt, key = plane.authority.pair("notafter.notafter.svc")
        web = pathlib.Path(tempfile.mkdtemp(prefix="web-", dir=plane.folder)) / "web.yaml"
        web.write_text(WEB.format(crt=crt, key=key))
        mounted = {
            "/etc/notafter/tls/tls.crt": crt, "/etc/notafter/tls/tls.key": key, "/etc/notafter/web/web.yaml": str(web),
        }
        flags = [
            flag if value is None else f"{flag}={mounted.get(value, value)}" for flag, value in variant.arguments()
        ]
        self.authority = None if "--tls-self-signed" in flags else plane.authority.file
        super().__init__(plane, *flags, *variant.scope(), tls=self.context(), **more)

    def context(self):
        context = ssl.create_default_context(cafile=self.authority)
        if not self.authority:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def get(self, path, headers=None, certificate=None):
        """Returns the status, headers and body, asked with these credentials only."""
        self.tls = self.context()
        if certificate:
            self.tls.load_cert_chain(*certificate)
        return super().get(path, headers)
