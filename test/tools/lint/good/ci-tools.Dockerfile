ARG REGISTRY=contoso.azurecr.io
FROM ${REGISTRY}/python-web:2026-11-20@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef AS base
FROM base AS test
COPY . .
RUN set -eux; python -m pytest -q; echo "done" > /tmp/result
RUN curl -fsSL https://example.org/tool.tar.gz | tar -xz -C /usr/local/bin && git config --system url."https://github.com/".insteadOf git@github.com:
FROM base
ARG VERSION REVISION=unknown
LABEL org.opencontainers.image.version=$VERSION org.opencontainers.image.revision=$REVISION
COPY --from=test /srv/dist /srv/dist
USER 10001
