# One image a service: docker build --target ingest .   (compose.yaml builds them all)
# tests/packaging compares this file with deploy/setup, compose.yaml and what the programs link.

FROM debian:12-slim AS build
COPY deploy/setup /source/deploy/setup
RUN /source/deploy/setup build && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
RUN cmake --preset release \
 && cmake --build --preset release --target programs \
 && cmake --install build/release --prefix /opt/aftercall --strip

# The libraries that the programs name, and nothing else.
FROM debian:12-slim AS runtime
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates \
      libabsl20220623 libgrpc++1.51 libgrpc29 libgumbo1 libmd4c0 \
      libphonenumber8 libprometheus-cpp-core1.0 libprotobuf32 librdkafka1 libspdlog1.10 \
      libsqlite3-0 libssl3 libtcmalloc-minimal4 libtomlplusplus3 liburiparser1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/aftercall aftercall \
 && install -d -o aftercall -g aftercall -m 0700 /var/lib/aftercall
COPY --from=build /opt/aftercall /opt/aftercall
COPY deploy/compose/ready /opt/aftercall/bin/ready
ENV PATH=/opt/aftercall/bin:/usr/bin:/bin
USER aftercall
WORKDIR /var/lib/aftercall
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["ready"]

FROM runtime AS control
ENTRYPOINT ["aftercall-control", "--config", "/etc/aftercall/control.toml"]

FROM runtime AS ingest
ENTRYPOINT ["aftercall-ingest", "--config", "/etc/aftercall/ingest.toml"]

FROM runtime AS matcher
ENTRYPOINT ["aftercall-matcher", "--config", "/etc/aftercall/matcher.toml"]

FROM runtime AS formatter
ENTRYPOINT ["aftercall-formatter", "--config", "/etc/aftercall/formatter.toml"]

FROM runtime AS crm_writer
ENTRYPOINT ["aftercall-crm-writer", "--config", "/etc/aftercall/crm_writer.toml"]

FROM runtime AS cli
HEALTHCHECK NONE
ENV AFTERCALL_CONFIG=/etc/aftercall/aftercall.toml
ENTRYPOINT ["aftercall"]

# Makes the tokens, the key and control's certificate, once. It writes as root what the services then own.
FROM debian:12-slim AS secrets
RUN apt-get update \
 && apt-get install -y --no-install-recommends openssl python3-minimal libpython3-stdlib \
 && rm -rf /var/lib/apt/lists/*
COPY deploy/stack/__init__.py deploy/stack/settings.py deploy/stack/secret_files.py /opt/aftercall/stack/
WORKDIR /opt/aftercall
ENTRYPOINT ["python3", "-m", "stack.secret_files"]
