"""Kafka's own command-line tools, at the local broker or at the external one that the settings name."""

from __future__ import annotations

from typing import Final

from deploy.local import kafka
from deploy.local.settings import StackSettings

TOOLS: Final = {
    "kafka-acls": "org.apache.kafka.tools.AclCommand",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
}
"""Command-line tools by the names operators know."""


def tool_command(settings: StackSettings, tool: str, arguments: list[str]) -> list[str]:
    """The command line of one of Kafka's tools, at the local broker unless another is named."""
    known = any(argument.startswith("--bootstrap-server") for argument in arguments)
    server = [] if known else ["--bootstrap-server", settings.kafka_bootstrap, *client_options(settings)]
    return [*tool_program(tool), *server, *arguments]


def tool_program(tool: str) -> list[str]:
    logging = f"-Dlog4j2.configurationFile={kafka.HERE / 'tools-log4j2.yaml'}"
    return [kafka.java(), "-Xmx256m", *kafka.LEAN, logging, "-cp", f"{kafka.libraries()}/*", TOOLS[tool]]


def client_options(settings: StackSettings) -> list[str]:
    """How Kafka's tools sign on at a secured broker: by a file that only its owner can read."""
    if settings.kafka_security_protocol == "PLAINTEXT":
        return []
    path = settings.data_dir / "kafka-client.properties"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(kafka.as_properties(client_properties(settings)))
    return ["--command-config", str(path)]


def client_properties(settings: StackSettings) -> dict[str, str]:
    """The settings of the connection as Kafka's own clients name them."""
    values: dict[str, str] = {"security.protocol": settings.kafka_security_protocol}
    if settings.kafka_uses_sasl:
        module = "plain.Plain" if settings.kafka_sasl_mechanism == "PLAIN" else "scram.Scram"
        name, password = map(quoted, (settings.kafka_username, settings.kafka_password.get_secret_value()))
        values["sasl.mechanism"] = settings.kafka_sasl_mechanism
        values["sasl.jaas.config"] = (
            f"org.apache.kafka.common.security.{module}LoginModule required username={name} password={password};"
        )
    if settings.kafka_ca_file:
        values |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(settings.kafka_ca_file)}
    if settings.kafka_certificate_file:
        chain = settings.kafka_certificate_file.read_text()
        key = settings.kafka_key_file.read_text() if settings.kafka_key_file else chain
        values |= {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": chain,
            "ssl.keystore.key": key,
        }
    return values


def quoted(value: str) -> str:
    """A value in a JAAS configuration."""
    inner = value.replace("\\", r"\\").replace('"', r"\"")
    return f'"{inner}"'
