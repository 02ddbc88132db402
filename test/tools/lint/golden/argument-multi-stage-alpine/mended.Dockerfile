# As argument-multi-stage, where the distribution has no wheels and so everything is compiled.
ARG PYTHON=3.13
FROM python:${PYTHON}-alpine AS compile
ARG INDEX_URL
ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apk add --no-cache gcc musl-dev python3-dev && \
    python -m venv /srv/venv
COPY requirements.txt .
RUN --mount=type=secret,id=netrc,target=/run/secrets/netrc,required=true \
    test -s /run/secrets/netrc || { echo "the secret netrc is empty" >&2; exit 1; }; \
    export NETRC=/run/secrets/netrc PIP_INDEX_URL="${INDEX_URL:?is empty}"; \
    /srv/venv/bin/pip install -r requirements.txt

FROM python:${PYTHON}-alpine
RUN adduser -D -u 10001 worker
COPY --from=compile /srv/venv /srv/venv
USER 10001
ENTRYPOINT ["/srv/venv/bin/python", "-m", "service"]
