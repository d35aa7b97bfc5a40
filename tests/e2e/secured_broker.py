"""A real Kafka that takes clients under TLS and with a password only; its keys are made here."""

import random
import subprocess

from broker import OwnBroker
from stack.stack import free

USER, PASSWORD = "aftercall", "the-right-password"
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
LISTENERS = """
listeners=PLAINTEXT://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER_PORT@,SECURED://127.0.0.1:{port}
advertised.listeners=SECURED://localhost:{port},PLAINTEXT://127.0.0.1:@PORT@
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
sasl.enabled.mechanisms=PLAIN
listener.name.secured.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
"""


class SecuredBroker(OwnBroker):
    """`address` is the node's own, for its script; clients are meant to use `secured`."""

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca, self.other_ca = self._authority("ca"), self._authority("other")
        port = next(port for port in random.sample(range(20000, 32768), 100) if free(port))
        more = self.folder / "more.properties"
        more.write_text(LISTENERS.format(port=port, keystore=self._keystore(), user=USER, password=PASSWORD))
        self._kafka("start", "--port", "0", "--controller-port", "0", "--with", more)
        self.address, self.secured = (self.folder / "bootstrap").read_text().strip(), f"localhost:{port}"
        (self.folder / "password").write_text(PASSWORD)

    def security(self, **instead):
        """[kafka.security] of a settings file."""
        right = {"security.protocol": "SASL_SSL", "ssl.ca.location": self.ca, "sasl.mechanism": "PLAIN",
                 "sasl.username": USER, "sasl.password": {"file": self.folder / "password"}}
        return {**right, **{name.replace("_", "."): value for name, value in instead.items()}}

    def _authority(self, name):
        certificate = self.folder / f"{name}.pem"
        self._openssl("req", "-x509", *CURVE, "-keyout", self.folder / f"{name}.key", "-out", certificate, "-days", "2", "-subj", f"/CN={name}")
        return certificate

    def _keystore(self):
        """The broker's key and certificate, for "localhost"."""
        key, request, names, certificate = (self.folder / f"broker.{end}" for end in ("key", "csr", "names", "pem"))
        names.write_text("subjectAltName=DNS:localhost")
        self._openssl("req", *CURVE, "-keyout", key, "-out", request, "-subj", "/CN=broker")
        self._openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca.with_suffix(".key"), "-CAcreateserial", "-days", "2",
                      "-extfile", names, "-out", certificate)
        keystore = self.folder / "keystore.pem"
        keystore.write_text(key.read_text() + certificate.read_text())
        return keystore

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
